// @ts-check
// Checks an 18-digit resident's number while it is entered and tells which group of digits is odd.
// The server checks again: this only says it earlier.

const input = /** @type {HTMLInputElement | null} */ (document.querySelector("#id_number"));
const list = /** @type {HTMLElement | null} */ (document.querySelector("#number-groups"));
const error = /** @type {HTMLElement | null} */ (document.querySelector("#number-error"));

/** First two digits of the places there are, and 9 for foreigners, whose province follows. */
const PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split(" ");

/**
 * @param {string} text
 * @returns {{ group: number, key: string, at?: number } | null} the first odd group, 0 to 3
 */
function odd(text) {
  for (let i = 0; i < Math.min(text.length, 18); i++) {
    if (!/[0-9]/.test(text[i]) && !(i === 17 && text[i] === "X")) {
      return { group: i < 6 ? 0 : i < 14 ? 1 : i < 17 ? 2 : 3, key: "character", at: i + 1 };
    }
  }
  const foreign = text.startsWith("9");
  if (text.length >= 3 && !PROVINCES.includes(foreign ? text.slice(1, 3) : text.slice(0, 2))) return { group: 0, key: "place" };
  if (text.length >= 14) {
    const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)].map(Number);
    const date = new Date(Date.UTC(year, month - 1, day));
    const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
    const now = new Date();
    if (!real || year < now.getFullYear() - 130) return { group: 1, key: "birth" };
    if (date > now) return { group: 1, key: "future" };
  }
  if (text.length >= 18) {
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const sum = weights.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
    if ("10X98765432"[sum % 11] !== text[17]) return { group: 3, key: "check" };
  }
  return null;
}

/**
 * @param {HTMLInputElement} field
 * @param {HTMLElement} groups
 * @param {HTMLElement} sentence
 */
function attend(field, groups, sentence) {
  const items = /** @type {HTMLElement[]} */ ([...groups.children]);
  const words = groups.dataset;

  /** @param {boolean} left whether the field was left: only then a short number is a mistake */
  function check(left) {
    // Full-width digits and spaces come from Chinese keyboards and from copying.
    const text = field.value.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
    const found = odd(text);
    let from = 0;
    items.forEach((item, i) => {
      const length = Number(item.dataset.length);
      const part = text.slice(from, from + length);
      from += length;
      const place = item.querySelector("b");
      if (place) place.textContent = found?.group === i ? `✗ ${part}` : part;
      const whole = part.length === length && (i < 3 || !found);
      item.className = found?.group === i ? "odd" : whole && !(found && found.group < i) ? "good" : "";
    });
    let said = found ? (words[found.key] ?? "").replace("{at}", String(found.at ?? "")) : "";
    if (!said && text.length > 0 && (text.length > 18 || (left && text.length < 18))) {
      said = (words.length ?? "").replace("{n}", String(text.length));
    }
    sentence.textContent = said;
    sentence.hidden = !said;
    field.closest(".field")?.classList.toggle("odd", !!said);
    if (said) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (!said && text.length === 18) {
      sentence.hidden = true;
      groups.title = words.good ?? "";
    }
  }

  field.addEventListener("input", () => check(false));
  field.addEventListener("change", () => check(true));
  if (field.value) check(true);
}

if (input && list && error) attend(input, list, error);

export { odd };
