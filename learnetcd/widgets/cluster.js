// What a browser does for a cluster. Python draws each picture whole (`panes.py`, `figures/`) and
// sends it when a step is done. Here one picture takes the place of the one before: what has the same
// name in both (`data-id`) moves from where it was to where it is, a new message leaves its sender, one
// that is gone arrives. And here keys and clicks are told to Python. Nothing here knows what they mean.
// On a page of the book there is no Python: a table of frames is asked in its place.

const STEP_MS = 350; // how long things move after a step
const PULSE_MS = 200; // how often a cluster that runs is asked to go on
const LOOK_MS = 1000; // how often real members are asked whether a client has come

export default {
  // Once for each cluster on the page, however many views of it there are.
  initialize({ model }) {
    let asked = 0;
    const pulse = setInterval(() => {
      const { running, live } = model.get("shown");
      const due = running ? PULSE_MS : live ? LOOK_MS : Infinity;
      if (document.hidden || performance.now() - asked < due) return;
      asked = performance.now();
      model.send({ pulse: true });
    }, PULSE_MS);
    return () => clearInterval(pulse);
  },

  render({ model, el }) {
    const root = document.createElement("div");
    root.className = "learnetcd";
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.dataset.lmSuppressShortcuts = "true"; // the notebook's own keys are silent in here
    root.innerHTML = '<div class="said" role="status" aria-live="polite"></div><div class="page"></div>';
    el.appendChild(root);
    const [said, page] = root.children;

    const stopFollowing = followGround(root);
    let before = null;
    const show = () => {
      const shown = model.get("shown");
      root.setAttribute("aria-label", shown.title);
      const way = before && shown.step < before.step ? "back" : "on";
      const time = !before || quiet() ? 0 : shown.running ? PULSE_MS : STEP_MS;
      for (const pane of shown.panes) fill(bodyOf(page, pane), pane.body, shown.greyed, way, time);
      if (said.textContent !== shown.said) said.textContent = shown.said;
      if (shown.opened) page.querySelector(`.pane-${shown.opened}`).open = true;
      before = shown;
    };
    model.on("change:shown", show);
    show();

    const tell = (event, message) => {
      event.preventDefault();
      event.stopPropagation();
      model.send(message);
    };
    root.addEventListener("click", (event) => {
      const { key, target, act, words } = event.target.closest?.(PRESSED)?.dataset ?? {};
      if (key) tell(event, { key });
      else if (target) tell(event, { target });
      else if (act && words) tell(event, { act, words });
    });
    root.addEventListener("submit", (event) => {
      tell(event, { act: event.target.dataset.act, words: event.target.elements.words.value });
    });
    root.addEventListener("keydown", (event) => {
      const { key, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || !model.get("shown").keys.includes(key)) return;
      if (target.tagName === "INPUT" && key !== "Escape") {
        // It is being typed. A notebook keeps Enter from sending a form, so it is sent here.
        if (key === "Enter") event.preventDefault(), target.form.requestSubmit();
        return;
      }
      const isPressed = key === " " || key === "Enter";
      if (isPressed && target.closest("button, summary")) return; // the browser makes a click of it
      if (isPressed && target.matches(IN_PICTURES)) tell(event, { target: target.dataset.target });
      else tell(event, { key });
    });
    return () => {
      model.off("change:shown", show);
      stopFollowing();
    };
  },
};

const PRESSED = "[data-key], [data-target], button[data-act]";
const IN_PICTURES = ".member, .entry"; // these can be reached with Tab, too

// The place of a pane; made when it is first shown. What opens only when somebody opens it is a fold.
function bodyOf(page, { name, title, folded }) {
  const found = page.querySelector(`.pane-${name} > .body`);
  if (found) return found;
  const pane = document.createElement(folded ? "details" : "section");
  pane.className = `pane pane-${name}`;
  pane.style.setProperty("--place", name); // in the style sheet's plan of the page
  if (title) {
    pane.setAttribute("aria-label", title);
    pane.appendChild(document.createElement(folded ? "summary" : "h3")).textContent = title;
  }
  const body = pane.appendChild(document.createElement("div"));
  body.className = "body";
  page.appendChild(pane);
  return body;
}

// One text in place of another; who had the keyboard has it again.
function fill(body, text, greyed, way, time) {
  if (body.shown === text) return;
  body.shown = text;
  const old = new Map([...body.querySelectorAll("[data-id]")].map((node) => [node.dataset.id, node]));
  const focused = body.contains(document.activeElement) ? { ...document.activeElement.dataset } : null;
  body.innerHTML = text;
  for (const node of body.querySelectorAll(IN_PICTURES)) {
    if (greyed) continue;
    node.tabIndex = 0;
    node.setAttribute("role", "button");
  }
  for (const node of greyed ? body.querySelectorAll("button") : []) {
    if (!node.matches(greyed)) continue;
    node.setAttribute("aria-disabled", "true");
    node.tabIndex = -1; // a click says what it needs
  }
  // Where nothing in a picture can be chosen, it is one thing: its title, and its words.
  if (greyed) for (const svg of body.querySelectorAll("svg")) svg.setAttribute("role", "img");
  for (const part of body.querySelectorAll("svg[role=img] > :not(title, desc)")) {
    part.setAttribute("aria-hidden", "true");
  }
  if (time > 0) for (const svg of body.querySelectorAll("svg")) move(old, svg, way, time);
  const field = body.querySelector("input");
  if (field) field.focus();
  else if (focused) (sameAs(body, focused) ?? body.closest(".learnetcd")).focus({ preventScroll: true });
  if (body.scrollHeight > body.clientHeight) body.scrollTop = body.scrollHeight;
}

function sameAs(body, wanted) {
  const isSame = ({ dataset }) => Object.keys(wanted).every((name) => dataset[name] === wanted[name]);
  return [...body.querySelectorAll(PRESSED)].find(isSame);
}

// From the old picture to the new one.
function move(old, svg, way, time) {
  const timing = { duration: time, easing: time < STEP_MS ? "linear" : "ease-in-out" };
  const [source, goal] = way === "on" ? ["from", "to"] : ["to", "from"];
  for (const node of svg.querySelectorAll("[data-id]")) {
    const was = old.get(node.dataset.id);
    old.delete(node.dataset.id);
    const start = was ? place(was) : point(node.dataset[source]);
    if (start && start !== place(node)) {
      node.animate([{ transform: start }, { transform: place(node) }], timing);
    } else if (!was) {
      node.animate([{ opacity: 0 }, { opacity: 1 }], timing);
    }
    const [left, leftNow] = [was, node].map((one) => one?.getAttribute("stroke-dashoffset"));
    if (left && left !== leftNow) {
      node.animate([{ strokeDashoffset: left }, { strokeDashoffset: leftNow }], timing);
    }
  }
  for (const gone of old.values()) {
    if (!gone.dataset.to || svg.contains(gone)) continue;
    svg.appendChild(gone);
    const end = { transform: point(gone.dataset[goal]), opacity: 0.2 };
    gone.removeAttribute("data-id");
    gone.animate([{ transform: place(gone), opacity: 1 }, end], timing).onfinish = () => gone.remove();
  }
}

// `translate(3,4)` of a picture, as a style sheet says it.
function place(node) {
  return point(/^translate\((.*)\)$/.exec(node.getAttribute("transform"))?.[1]);
}

function point(numbers) {
  return numbers ? `translate(${numbers.split(",").map((one) => `${one}px`).join(", ")})` : null;
}

function quiet() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Light or dark, as the notebook, the book or else the system is; and on when that changes.
function followGround(root) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const { jpThemeLight, theme } = document.body.dataset;
    const isDark = jpThemeLight ? jpThemeLight === "false" : theme === "dark" || (theme !== "light" && system.matches);
    root.dataset.ground = isDark ? "dark" : "light";
  };
  follow();
  const watcher = new MutationObserver(follow);
  watcher.observe(document.body, { attributes: true });
  system.addEventListener("change", follow);
  return () => {
    watcher.disconnect();
    system.removeEventListener("change", follow);
  };
}
