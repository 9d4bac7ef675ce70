// Steps through the frames of a run (frames.py). Nothing is fetched: they lie in the page, packed.
"use strict";

async function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function stepper(frames, box) {
  const picture = box.querySelector(".picture");
  const said = box.querySelector(".said");
  const where = box.querySelector(".where");
  let place = 0;
  const show = (wanted) => {
    place = Math.max(0, Math.min(wanted, frames.length - 1));
    picture.innerHTML = frames[place].picture;
    said.replaceChildren(...frames[place].said.map((sentence) => {
      const line = document.createElement("p");
      line.textContent = sentence;
      return line;
    }));
    where.textContent = `${place} of ${frames.length - 1}`;
  };
  const go = { first: () => 0, back: () => place - 1, step: () => place + 1, last: () => Infinity };
  for (const button of box.querySelectorAll("button")) {
    button.addEventListener("click", () => show(go[button.name]()));
  }
  box.addEventListener("keydown", (event) => {
    const by = { ".": 1, ",": -1 }[event.key];
    if (by) show(place + by);
  });
  show(0);
}

for (const details of document.querySelectorAll("details.frames")) {
  details.addEventListener("toggle", async () => {
    const box = details.querySelector("div");
    stepper(await unpacked(box.dataset.run), box);
  }, { once: true });
}
