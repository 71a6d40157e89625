// @ts-check
// Before the first picture: tries the browser, the camera, its permission, the network and the room that is left. Each
// has its own sentence, the same that is said when it goes wrong later.

/** Bytes that must be free, and that are written to see: a photograph has some millions. */
const ROOM = 20_000_000;
const TRIAL = 1 << 20;
/** Milliseconds after which an answer of some hundred bytes is slow, and after which none will come. */
const SLOW = 1500;
const LATE = 8000;

const panel = /** @type {HTMLElement | null} */ (document.querySelector("[data-preflight]"));
if (panel) begin(panel);

/** @param {HTMLElement} root */
function begin(root) {
  const sum = root.querySelector("[data-sum]");
  const tries = /** @type {HTMLButtonElement} */ (root.querySelector("[data-try]"));
  const again = /** @type {HTMLButtonElement} */ (root.querySelector("[data-check-again]"));
  const checks = { browser, camera, permission, network, storage };

  root.hidden = false;
  again.addEventListener("click", () => void all());
  tries.addEventListener("click", () => void open());
  void all();

  async function all() {
    if (sum) sum.textContent = root.dataset.wordRunning ?? "";
    again.hidden = tries.hidden = true;
    const told = await Promise.all(Object.entries(checks).map(async ([name, check]) => show(name, await within(check()))));
    tell(told);
  }

  /** @param {(string | null)[]} told */
  function tell(told) {
    const open = told.filter((fault) => fault && fault !== "ask" && fault !== "slow").length;
    if (sum) sum.textContent = (open ? root.dataset.wordOpen : root.dataset.wordGood)?.replace("{n}", String(open)) ?? "";
    root.dataset.state = open ? "open" : "good";
    again.hidden = !open;
    tries.hidden = !told.includes("ask") && !told.includes("denied");
    if (told.some((fault) => fault && ["browser", "none", "denied"].includes(fault))) otherWays();
  }

  /** @param {string} name @param {string | null} fault */
  function show(name, fault) {
    const line = root.querySelector(`[data-check="${name}"]`);
    const say = /** @type {HTMLElement | null} */ (line?.querySelector("[data-say]") ?? null);
    if (say) say.textContent = fault ? sentence(fault) : (say.dataset.word ?? "");
    if (line) line.className = !fault ? "ok" : fault === "ask" || fault === "slow" ? "warn" : "fail";
    return fault;
  }

  /** Opens the camera, as later, and closes it at once. */
  async function open() {
    const fault = await navigator.mediaDevices.getUserMedia({ audio: false, video: true }).then(
      (stream) => (stream.getTracks().forEach((track) => track.stop()), null),
      (error) => (error instanceof DOMException ? error.name : "denied"),
    );
    const ofCamera = ["NotFoundError", "OverconstrainedError", "NotReadableError", "AbortError"].includes(fault ?? "");
    const told = [show("camera", ofCamera ? fault : null), show("permission", ofCamera ? null : fault)];
    const rest = [browser(), ...(await Promise.all([network(), storage()]))];
    tell([...told, ...rest]);
    tries.hidden = !fault;
    if (fault) otherWays();
  }

  function browser() {
    const able = typeof navigator.mediaDevices?.getUserMedia === "function" && "HTMLDialogElement" in window && "WebSocket" in window;
    return able ? null : "browser";
  }

  async function camera() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => null);
    // Who is not told what there is, is not told that there is nothing.
    return devices && !devices.some((device) => device.kind === "videoinput") ? "none" : null;
  }

  async function permission() {
    const name = /** @type {PermissionName} */ ("camera");
    const asked = await navigator.permissions?.query({ name }).catch(() => null);
    return asked?.state === "granted" ? null : asked?.state === "denied" ? "denied" : browser() ? null : "ask";
  }

  async function network() {
    const began = performance.now();
    const stop = new AbortController();
    const late = window.setTimeout(() => stop.abort(), LATE);
    const answered = await fetch(root.dataset.probe ?? "", { cache: "no-store", signal: stop.signal }).then((r) => r.ok, () => false);
    window.clearTimeout(late);
    return !answered ? "offline" : performance.now() - began > SLOW ? "slow" : null;
  }

  async function storage() {
    const room = await navigator.storage?.estimate?.().catch(() => null);
    if (room?.quota !== undefined && room.quota - (room.usage ?? 0) < ROOM) return "full";
    try {
      const box = await window.caches?.open("preflight");
      await box?.put("/preflight", new Response(new Uint8Array(TRIAL)));
      await window.caches?.delete("preflight");
    } catch (error) {
      // Anything else is a browser that keeps nothing at all, and we do not need it to.
      if (error instanceof DOMException && error.name === "QuotaExceededError") return "full";
    }
    return null;
  }
}

/** What came of a check; nothing is said against what does not answer in time. @param {string | null | Promise<string | null>} check */
function within(check) {
  return Promise.race([check, new Promise((/** @type {(none: null) => void} */ late) => window.setTimeout(() => late(null), 2 * LATE))]);
}

/** What there is where the camera cannot be used in the page: the phone's own, and another browser. */
function otherWays() {
  for (const way of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-out], [data-snap]"))) way.hidden = false;
}

/** What is said of a fault, from the one table of the page. @param {string} fault @returns {string} */
function sentence(fault) {
  const table = document.querySelector("[data-faults]");
  return (table?.querySelector(`[data-fault~="${fault}"]`) ?? table?.firstElementChild)?.textContent ?? "";
}

export {};
