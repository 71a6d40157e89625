// A camera before a moving test subject: it does what the page asks for, when it is told to obey.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Draws a portrait's frames; gives them by name, as base64. */
export function frames(portrait) {
  const folder = mkdtempSync(join(tmpdir(), "shiren-puppet-"));
  const puppet = new URL("../target/debug/examples/draw_puppet", import.meta.url).pathname;
  execFileSync(puppet, [portrait, folder], { stdio: ["ignore", "ignore", "inherit"] });
  const drawn = {};
  for (const file of readdirSync(folder).sort()) {
    const [name] = file.split("-");
    (drawn[name] ??= []).push(readFileSync(join(folder, file)).toString("base64"));
  }
  return drawn;
}

/** Gives every page of a context the puppet as its camera. Asked for what it cannot do, it says so. */
export function stage(context, drawn, obeys, cannot = "") {
  return context.addInitScript(play, { drawn, obeys, cannot });
}

/** Runs in the page. */
function play({ drawn, obeys, cannot }) {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const pen = canvas.getContext("2d");
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const opened = Object.fromEntries(
    Object.entries(drawn).map(([name, list]) => [name, list.map((text) => createImageBitmap(new Blob([bytes(text)], { type: "image/jpeg" })))]),
  );
  let [x, y, tick, asked, playing] = [0, 0, 0, "", null];
  const wander = (at) => Math.max(-6, Math.min(6, at + 1.5 * (Math.random() - 0.5)));
  async function draw() {
    const dialog = document.querySelector("dialog.live");
    const wanted = (obeys && dialog?.dataset.challenge) || "";
    if (wanted !== asked) {
      asked = wanted;
      if (wanted && wanted === cannot) return document.querySelector("[data-live-other]").click();
      // People take half a second to do what they are told.
      if (wanted) playing = { name: wanted, at: -6 };
    }
    let list = opened.calm;
    let at = tick % list.length;
    if (playing && playing.at >= 0) {
      list = opened[playing.name];
      at = playing.at;
    }
    if (playing && ++playing.at >= opened[playing.name].length) playing = null;
    [x, y, tick] = [wander(x), wander(y), tick + 1];
    pen.drawImage(await list[at], x, y);
    // A camera's noise: no two frames are alike.
    pen.fillStyle = `rgb(${Math.random() * 255} ${Math.random() * 255} ${Math.random() * 255} / .5)`;
    pen.fillRect(Math.random() * 640, Math.random() * 480, 3, 3);
  }
  setInterval(() => void draw(), 100);
  navigator.mediaDevices.getUserMedia = async () => {
    await draw();
    return canvas.captureStream(15);
  };
}
