// A slow line: everything between browser and service goes through here, so many bits in a second each way, so late.
import { connect, createServer } from "node:net";

/** Bytes that a segment has, and that wait in one direction before the sender is held back. */
const SEGMENT = 1460;
const WAITING = 32 * 1024;

/** One direction of the line, shared by all connections. */
class Way {
  constructor(bitsPerSecond, lateMs) {
    this.perMs = bitsPerSecond / 8000;
    this.late = lateMs;
    this.free = 0;
    this.waiting = 0;
    this.carried = 0;
    this.held = new Set();
  }

  carry(from, to, bytes) {
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const part = bytes.subarray(at, at + SEGMENT);
      this.free = Math.max(this.free, performance.now()) + part.length / this.perMs;
      this.waiting += part.length;
      this.carried += part.length;
      setTimeout(() => {
        this.waiting -= part.length;
        if (this.waiting < WAITING) {
          for (const socket of this.held) socket.resume();
          this.held.clear();
        }
      }, this.free - performance.now());
      setTimeout(() => to.writable && to.write(part), this.free - performance.now() + this.late);
    }
    if (this.waiting >= WAITING) {
      from.pause();
      this.held.add(from);
    }
  }

  /** After everything that was sent before, as a line would: a reset does not overtake either. */
  end(to, how = (socket) => socket.end()) {
    setTimeout(() => how(to), Math.max(0, this.free - performance.now()) + this.late + 5);
  }
}

/** Opens the line to a port; `late` is how long a byte takes there and back again. Gives its own port. */
export async function slowLine(port, { bitsPerSecond, late }) {
  const [up, down] = [new Way(bitsPerSecond, late / 2), new Way(bitsPerSecond, late / 2)];
  const server = createServer((near) => {
    // A connection is made in one round trip.
    near.pause();
    setTimeout(() => {
      const far = connect(port, "127.0.0.1");
      near.on("data", (bytes) => up.carry(near, far, bytes));
      far.on("data", (bytes) => down.carry(far, near, bytes));
      near.on("end", () => up.end(far));
      far.on("end", () => down.end(near));
      near.on("error", () => up.end(far, (socket) => socket.destroy()));
      far.on("error", () => down.end(near, (socket) => socket.destroy()));
      near.resume();
    }, late);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, up, down, close: () => server.close() };
}
