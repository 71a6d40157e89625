// @ts-check
// Takes a picture with the camera, or a file, and sends it as it is. Without this script the form below does it.

/** What a form of its own would say, and where it would go. */
const shoot = /** @type {HTMLElement | null} */ (document.querySelector(".shoot"));
if (shoot) begin(shoot);

/** @param {HTMLElement} root */
function begin(root) {
  /** @template {Element} T @param {string} selector @returns {T} */
  const get = (selector) => {
    const found = root.querySelector(selector);
    if (!found) throw new Error(`the page lacks ${selector}`);
    return /** @type {T} */ (/** @type {unknown} */ (found));
  };
  const words = root.dataset;
  const dialog = /** @type {HTMLDialogElement} */ (get("[data-camera]"));
  const video = /** @type {HTMLVideoElement} */ (get("video"));
  const hint = /** @type {HTMLElement} */ (get("[data-hint]"));
  const shutter = /** @type {HTMLButtonElement} */ (get("[data-shutter]"));
  const message = /** @type {HTMLElement} */ (get("[data-message]"));
  const sending = /** @type {HTMLElement} */ (get("[data-sending]"));
  const what = /** @type {HTMLElement} */ (get("[data-what]"));
  const bar = /** @type {HTMLProgressElement} */ (get("progress"));
  const again = /** @type {HTMLButtonElement} */ (get("[data-again]"));
  const open = /** @type {HTMLButtonElement} */ (get("[data-open]"));
  const plain = /** @type {HTMLFormElement} */ (get("form.plain"));
  const actions = /** @type {HTMLElement} */ (get(".scripted"));
  const file = /** @type {HTMLInputElement | null} */ (root.querySelector("[data-choose] input"));

  /** @type {MediaStream | null} */
  let stream = null;
  let facing = words.facing ?? "environment";
  /** Counts up whenever the camera is opened or closed: an answer to an earlier call is dropped. */
  let turn = 0;
  /** @type {number | undefined} */
  let watch;
  /** @type {{ blob: Blob, takenBy: string } | null} */
  let taken = null;

  actions.hidden = false;
  plain.hidden = true;
  // A browser without a camera interface, or without a secure connection, still has the form.
  if (!navigator.mediaDevices?.getUserMedia || typeof dialog.showModal !== "function") {
    open.hidden = true;
    plain.hidden = false;
    if (file) actions.hidden = true;
  }

  open.addEventListener("click", () => void start());
  get("[data-close]").addEventListener("click", () => dialog.close());
  get("[data-turn]").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    void start();
  });
  shutter.addEventListener("click", () => void take());
  dialog.addEventListener("close", stop);
  window.addEventListener("pagehide", stop);
  again.addEventListener("click", () => void send());
  file?.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    taken = { blob: chosen, takenBy: "file" };
    void send();
  });

  /** @param {string | undefined} text */
  function say(text) {
    message.textContent = text ?? "";
    message.hidden = !text;
  }

  async function start() {
    stop();
    const mine = ++turn;
    say("");
    sending.hidden = true;
    shutter.disabled = true;
    hint.textContent = hint.dataset.first ?? "";
    if (!dialog.open) dialog.showModal();
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: facing }, width: { ideal: 3840 }, height: { ideal: 2160 } },
      });
      if (mine !== turn || !dialog.open) return end(got);
      stream = got;
      video.srcObject = got;
      video.classList.toggle("mirror", facing === "user");
      await video.play();
      shutter.disabled = false;
      shutter.focus();
      watch = window.setInterval(look, 600);
      if (words.guide) guide(words.guide, mine);
    } catch (error) {
      if (mine !== turn) return;
      dialog.close();
      const none = error instanceof DOMException && ["NotFoundError", "OverconstrainedError"].includes(error.name);
      say(none ? words.wordNone : words.wordDenied);
      if (!file) plain.hidden = false;
    }
  }

  /** @param {MediaStream | null} one */
  function end(one) {
    one?.getTracks().forEach((track) => track.stop());
  }

  function stop() {
    turn += 1;
    window.clearInterval(watch);
    line?.close();
    line = null;
    guided = false;
    end(stream);
    stream = null;
    video.srcObject = null;
    last = null;
  }

  /** The guide's channel, and whether it speaks: the page's own hints are for when it does not.
   * @type {WebSocket | null} */
  let line = null;
  let guided = false;

  /**
   * Sends small frames and says what the server sees; takes the shot when it is good. Without it the shutter is there.
   * @param {string} path @param {number} mine
   */
  function guide(path, mine) {
    const address = new URL(path, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(address);
    const frames = document.createElement("canvas");
    line = opened;
    const isOpen = () => mine === turn && opened.readyState === WebSocket.OPEN;
    const next = async () => {
      if (!isOpen() || !video.videoWidth) return;
      const scale = Math.min(1, 640 / Math.max(video.videoWidth, video.videoHeight));
      frames.width = Math.round(video.videoWidth * scale);
      frames.height = Math.round(video.videoHeight * scale);
      frames.getContext("2d")?.drawImage(video, 0, 0, frames.width, frames.height);
      const blob = await new Promise((/** @type {(b: Blob | null) => void} */ done) => frames.toBlob(done, "image/jpeg", 0.85));
      if (blob && isOpen()) opened.send(blob);
    };
    opened.onopen = () => {
      opened.send(JSON.stringify({ csrf: words.csrf ?? "" }));
      void next();
    };
    opened.onmessage = (event) => {
      if (mine !== turn) return;
      const told = JSON.parse(event.data);
      if (!told.hint) return;
      guided = true;
      if (hint.textContent !== told.say) hint.textContent = told.say;
      dialog.dataset.hint = told.hint;
      if (told.hint === "take") void take();
      // One frame under way: a slow line sees fewer of them, not older ones.
      else window.setTimeout(() => void next(), 180);
    };
    opened.onclose = () => {
      if (mine === turn) guided = false;
    };
  }

  // Live hints: brightness and movement of a thumbnail. The server looks properly; this only saves a round.
  const small = document.createElement("canvas");
  small.width = 48;
  small.height = 36;
  const pen = small.getContext("2d", { willReadFrequently: true });
  /** @type {Float32Array | null} */
  let last = null;

  function look() {
    if (!pen || !video.videoWidth) return;
    pen.drawImage(video, 0, 0, small.width, small.height);
    const { data } = pen.getImageData(0, 0, small.width, small.height);
    const grey = new Float32Array(data.length / 4);
    let sum = 0;
    let moved = 0;
    for (let i = 0; i < grey.length; i++) {
      grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
      sum += grey[i];
      if (last) moved += Math.abs(grey[i] - last[i]);
    }
    const light = sum / grey.length;
    const motion = last ? moved / grey.length : 0;
    last = grey;
    if (guided) return;
    const text =
      light < 45 ? words.wordDark : light > 225 ? words.wordBright : motion > 18 ? words.wordStill : hint.dataset.first;
    if (hint.textContent !== text) hint.textContent = text ?? "";
  }

  async function take() {
    if (!stream || shutter.disabled) return;
    shutter.disabled = true;
    window.clearInterval(watch);
    const mine = turn;
    const blob = (await still(stream).catch(() => null)) ?? (await frame().catch(() => null));
    if (mine !== turn) return;
    if (!blob) {
      shutter.disabled = false;
      // The guide has said its last word: the page's own hints go on.
      guided = false;
      watch = window.setInterval(look, 600);
      return;
    }
    taken = { blob, takenBy: "camera" };
    dialog.close();
    void send();
  }

  /**
   * The camera's own photo, which has more pixels than its video.
   * @param {MediaStream} from
   * @returns {Promise<Blob | null>}
   */
  async function still(from) {
    const Maker = /** @type {any} */ (window).ImageCapture;
    if (!Maker) return null;
    // Some phones never answer.
    const late = new Promise((resolve) => window.setTimeout(() => resolve(null), 4000));
    return Promise.race([new Maker(from.getVideoTracks()[0]).takePhoto(), late]);
  }

  /** @returns {Promise<Blob | null>} */
  function frame() {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  }

  async function send() {
    if (!taken) return;
    say("");
    again.hidden = true;
    actions.hidden = true;
    plain.hidden = true;
    sending.hidden = false;
    bar.hidden = false;
    sending.scrollIntoView({ block: "nearest" });
    /** @type {{ status: number, body: any } | null} */
    let answer = null;
    // A weak connection is tried again by itself, twice; after that the person decides.
    for (let attempt = 0; attempt < 3 && !answer; attempt++) {
      if (attempt) await new Promise((resolve) => window.setTimeout(resolve, 1500 * attempt));
      what.textContent = words.wordSending ?? "";
      bar.value = 0;
      answer = await post(taken.blob, taken.takenBy);
      if (answer && answer.status >= 502 && attempt < 2) answer = null;
    }
    if (answer && answer.status < 300) {
      location.assign(words.preview ?? location.href);
      return;
    }
    if (!answer) {
      what.textContent = words.wordLost ?? "";
      bar.hidden = true;
      again.hidden = false;
      // Or another picture instead.
      actions.hidden = false;
      return;
    }
    // The session is no longer this browser's, or over: the server has a page for that.
    if ([401, 403, 409, 410].includes(answer.status)) {
      location.assign("/verify");
      return;
    }
    sending.hidden = true;
    actions.hidden = false;
    say([answer.body?.title ?? words.wordLost, answer.body?.fix].filter(Boolean).join(" "));
  }

  /**
   * @param {Blob} blob
   * @param {string} takenBy
   * @returns {Promise<{ status: number, body: any } | null>} null when nothing came back
   */
  function post(blob, takenBy) {
    return new Promise((resolve) => {
      // fetch does not tell how much was sent.
      const request = new XMLHttpRequest();
      request.open("POST", words.action ?? "");
      request.setRequestHeader("x-csrf", words.csrf ?? "");
      request.setRequestHeader("x-taken-by", takenBy);
      request.setRequestHeader("content-type", blob.type || "application/octet-stream");
      request.timeout = 120_000;
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      };
      request.upload.onload = () => {
        what.textContent = words.wordLooking ?? "";
        bar.removeAttribute("value");
      };
      request.onload = () => {
        let body = null;
        try {
          body = JSON.parse(request.responseText);
        } catch {
          // An answer that is no JSON has no sentence for the person.
        }
        resolve({ status: request.status, body });
      };
      request.onerror = request.ontimeout = request.onabort = () => resolve(null);
      request.send(blob);
    });
  }
}

export {};
