// A cluster on a page that has no kernel. It is shown by the widget's own script, which stands before
// this one in the same file; here is what answers it in place of Python. The frames of a run lie in
// a file of their own (`frames.py`), which is read when somebody opens the run.

const PULSES_A_STEP = 5; // of a run that runs: a step a second

// What a notebook calls the model: what is shown now, who wants to know, and an ear for what is pressed.
function recorded(run) {
  const { step: steps } = run.walks;
  const hearers = new Set();
  let frame, shown;
  let pulses = 0;

  const show = (next, { running = false, opened = "", refused = false } = {}) => {
    const isAhead = !frame || next.step >= frame.step;
    frame = next;
    const body = (name) => {
      if (refused && name === "ask") return run.refusal;
      return run.pieces[name][(running ? frame.running[name] : undefined) ?? frame.bodies[name]];
    };
    const panes = run.panes.map((pane) => ({ ...pane, body: body(pane.name) }));
    const { title, step } = frame;
    const said = refused ? run.needs : isAhead ? frame.said : frame.where;
    shown = { title, step, said, running, opened, panes, live: false, keys: run.keys, greyed: run.greyed };
    for (const hear of hearers) hear();
  };

  const after = (frames, step) => frames.find((one) => one.step > step) ?? frames.at(-1);
  const before = (frames, step) => frames.findLast((one) => one.step < step) ?? frames[0];
  const at = (step) => after(steps, step - 1); // a mark may lie between two stops
  const marks = run.marks.map(at);
  const isAtEnd = () => frame.step === steps.at(-1).step;
  const refuse = () => show(frame, { refused: true });
  const goOn = (frames) => (isAtEnd() ? refuse() : show(after(frames, frame.step)));
  const acts = {
    step: () => goOn(steps),
    next_change: () => goOn(run.walks.next_change),
    effect: () => goOn(run.walks.effect),
    back: () => show(before(steps, frame.step)),
    first: () => show(steps[0]),
    last: () => show(steps.at(-1)),
    landmark_before: () => show(before([steps[0], ...marks], frame.step)),
    landmark_after: () => show(after([...marks, steps.at(-1)], frame.step)),
    safety: () => show(frame, { opened: "safety" }),
    run: () => (isAtEnd() ? refuse() : show(frame, { running: !shown.running })),
  };

  show(steps[0]);
  return {
    get: () => shown,
    on: (_, hear) => hearers.add(hear),
    off: (_, hear) => hearers.delete(hear),
    send({ key, target, pulse }) {
      const [kind, step] = target?.split(" ") ?? [];
      if (pulse) {
        pulses = (pulses + 1) % PULSES_A_STEP;
        if (pulses === 0) show(after(steps, frame.step), { running: !isAtEnd() });
      } else if (kind === "step") show(at(Number(step)));
      else if (key in run.acts) acts[run.acts[key]]();
      else if (key === "Escape") show(frame);
      else refuse();
    },
  };
}

// --- the page --------------------------------------------------------------------------------------

const here = document.currentScript.src;
const waiting = new Map();

// Called by the file of a run; a page that was opened as a file may read scripts and nothing else.
window.learnetcdRun = async (name, letters) => {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  waiting.get(name)(await new Response(stream).json());
};

const loaded = {};
function load(name) {
  return (loaded[name] ??= new Promise((resolve) => {
    waiting.set(name, resolve);
    const script = document.createElement("script");
    script.src = new URL(`runs/${name}.js`, here);
    document.head.append(script);
  }));
}

for (const details of document.querySelectorAll("details.frames")) {
  details.addEventListener("toggle", async () => {
    const model = recorded(await load(details.dataset.run));
    widget.initialize({ model });
    widget.render({ model, el: details });
  }, { once: true });
}
