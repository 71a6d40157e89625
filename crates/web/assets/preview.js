// @ts-check
// Zooms a picture with two fingers, the wheel, a double tap or the keys + and −, and moves it when it is larger.

for (const figure of document.querySelectorAll("[data-zoom]")) zoomable(/** @type {HTMLElement} */ (figure));

/** @param {HTMLElement} figure */
function zoomable(figure) {
  const svg = /** @type {SVGSVGElement | null} */ (figure.querySelector(":scope > svg"));
  if (!svg) return;
  const whole = svg.viewBox.baseVal;
  const { width, height } = whole;
  const most = 8;
  let scale = 1;
  let [x, y] = [0, 0];
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let tapped = -Infinity;

  const caption = /** @type {HTMLElement | null} */ (figure.querySelector(".scripted"));
  if (caption) caption.hidden = false;
  svg.tabIndex = 0;
  figure.querySelector("[data-in]")?.addEventListener("click", () => zoom(1.6));
  figure.querySelector("[data-out]")?.addEventListener("click", () => zoom(1 / 1.6));

  function draw() {
    const [w, h] = [width / scale, height / scale];
    x = Math.min(Math.max(x, 0), width - w);
    y = Math.min(Math.max(y, 0), height - h);
    svg?.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }

  /**
   * Zooms by a factor and keeps a point of the picture where it is on the screen.
   * @param {number} factor
   * @param {{ x: number, y: number }} [at] in the picture
   */
  function zoom(factor, at = { x: x + width / scale / 2, y: y + height / scale / 2 }) {
    const next = Math.min(Math.max(scale * factor, 1), most);
    x = at.x - ((at.x - x) * scale) / next;
    y = at.y - ((at.y - y) * scale) / next;
    scale = next;
    draw();
  }

  /** @param {number} clientX @param {number} clientY */
  function inPicture(clientX, clientY) {
    const matrix = svg?.getScreenCTM();
    return new DOMPoint(clientX, clientY).matrixTransform(matrix?.inverse());
  }

  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 300), inPicture(event.clientX, event.clientY));
  }, { passive: false });

  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) {
      const twice = event.timeStamp - tapped < 300;
      tapped = event.timeStamp;
      if (twice) zoom(scale > 1.5 ? 1 / scale : 3, inPicture(event.clientX, event.clientY));
    }
  });

  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (/** @type {{ x: number, y: number }} */ p) => Math.hypot(p.x - other.x, p.y - other.y);
      if (apart(before) > 0) zoom(apart(now) / apart(before), inPicture((now.x + other.x) / 2, (now.y + other.y) / 2));
    } else {
      const [from, to] = [inPicture(before.x, before.y), inPicture(now.x, now.y)];
      x += from.x - to.x;
      y += from.y - to.y;
      draw();
    }
    fingers.set(event.pointerId, now);
  });

  for (const name of ["pointerup", "pointercancel"]) {
    svg.addEventListener(name, (event) => fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
  }

  svg.addEventListener("keydown", (event) => {
    const step = width / scale / 8;
    if (event.key === "+" || event.key === "=") zoom(1.6);
    else if (event.key === "-") zoom(1 / 1.6);
    else if (event.key === "ArrowLeft") x -= step;
    else if (event.key === "ArrowRight") x += step;
    else if (event.key === "ArrowUp") y -= step;
    else if (event.key === "ArrowDown") y += step;
    else return;
    event.preventDefault();
    draw();
  });
}

export {};
