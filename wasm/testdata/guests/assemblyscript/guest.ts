// The guests' condition in AssemblyScript, as its authors write it: strings are decoded, answers are built as objects.
// ../README.md says what all four guests do.

@external("host1", "log")
declare function hostLog(level: i32, text: usize, length: i32): void;
@external("host1", "fail")
declare function hostFail(code: i32, text: usize, length: i32): void;

const room = new StaticArray<u8>(4096);
const output = new StaticArray<u8>(64);

// How often chaos was called: 0 at each call when the host forgets nothing to reset. AssemblyScript keeps it in a global.
let calls: u32 = 0;
let kept = new Array<StaticArray<u8>>();

export function buffer(size: u32): usize {
  return size <= 4096 ? changetype<usize>(room) : 0;
}

function pack(at: usize, length: u32): u64 {
  return ((<u64>at) << 32) | length;
}

function die(words: string): void {
  const text = String.UTF8.encode(words);
  hostFail(1, changetype<usize>(text), text.byteLength);
}

// What the language calls when it gives up; see build.sh.
export function abort(message: string | null, _file: string | null, _line: u32, _column: u32): void {
  die(message !== null ? message : "aborted");
  unreachable();
}

// ---- msgpack ----

class Reader {
  constructor(public at: usize, public end: usize, public bad: bool = false) {}

  next(): u8 {
    if (this.at < this.end) return load<u8>(this.at++);
    this.bad = true;
    return 0xc0;
  }

  number(n: i32): u64 {
    let v: u64 = 0;
    for (; n > 0; n--) v = (v << 8) | this.next();
    return v;
  }

  // An int, or missing for nil.
  int(missing: i64): i64 {
    const c = this.next();
    if (c <= 0x7f || c >= 0xe0) return <i8>c;
    if (c >= 0xcc && c <= 0xcf) return this.number(1 << (c - 0xcc));
    if (c == 0xd0) return <i8>this.number(1);
    if (c == 0xd1) return <i16>this.number(2);
    if (c == 0xd2) return <i32>this.number(4);
    if (c == 0xd3) return <i64>this.number(8);
    if (c != 0xc0) this.bad = true;
    return missing;
  }

  // null for nil.
  text(): string | null {
    const c = this.next();
    if (c == 0xc0) return null;
    let length: u32 = u32.MAX_VALUE;
    if ((c & 0xe0) == 0xa0) length = c & 0x1f;
    else if (c == 0xd9) length = <u32>this.number(1);
    else if (c == 0xda) length = <u32>this.number(2);
    if (<usize>length > this.end - this.at) {
      this.bad = true;
      return null;
    }
    this.at += length;
    return String.UTF8.decodeUnsafe(this.at - length, length);
  }

  array(): u32 {
    const c = this.next();
    if ((c & 0xf0) == 0x90) return c & 0x0f;
    if (c == 0xdc) return <u32>this.number(2);
    this.bad = true;
    return 0;
  }
}

// ---- the condition ----

let sku: string | null = "";
let window: i64 = 0;
const countries = new Set<string>();

export function configure(at: usize, length: u32): i32 {
  if (length == 0) return 0;
  const r = new Reader(at, at + length);
  r.array();
  sku = r.text();
  window = r.int(0);
  for (let n = r.array(); n > 0 && !r.bad; n--) {
    const c = r.text();
    if (c !== null) countries.add(c);
  }
  return r.bad ? 4 : 0;
}

function answer(pass: bool, reason: string): u64 {
  output[0] = 0x92;
  output[1] = pass ? 0xc3 : 0xc2;
  output[2] = 0xa0 | <u8>reason.length;
  const at = changetype<usize>(output);
  String.UTF8.encodeUnsafe(changetype<usize>(reason), reason.length, at + 3);
  return pack(at, 3 + reason.length);
}

export function condition(at: usize, length: u32): u64 {
  const r = new Reader(at, at + length);
  r.array();
  const now = r.int(0);
  const wanted = r.text();
  const told = r.int(now - window);
  const country = r.text();
  if (r.bad) die("not the input");
  if (wanted === null || wanted != sku) return answer(false, "another product");
  if (now - told < window) return answer(false, "told lately");
  if (country === null || !countries.has(country)) return answer(false, "not shipped there");
  return answer(true, "tell");
}

// ---- chaos ----

function deeper(n: u32): u32 {
  return n == 0 ? 1 : deeper(n - 1) + (calls ^ n);
}

function forever(n: u32): u32 {
  return n == u32.MAX_VALUE ? 0 : forever(n + 1) + (calls ^= n);
}

function grow(pages: i32): void {
  const page = memory.grow(pages);
  if (page < 0) unreachable();
  for (let i = 0; i < pages; i++) store<u32>((<usize>(page + i)) << 16, i + 1);
}

export function chaos(at: usize, length: u32): u64 {
  const before = calls++;
  let sum: u32 = 0;
  for (let i: u32 = 0; i + 1 < length; i += 2) {
    const op = load<u8>(at + i), n = load<u8>(at + i + 1);
    switch (op) {
      case 0x77: { // w
        const block = new StaticArray<u8>(32 << 10);
        for (let k: i32 = n; k < block.length; k += 1024) block[k] = <u8>(n + k);
        kept.push(block);
        sum += block[n] + kept.length;
        break;
      }
      case 0x64: sum += deeper(n); break; // d
      case 0x67: grow((n % 16) + 1); break; // g
      case 0x73: hostLog(1, changetype<usize>(output), 4); break; // s
      case 0x6d: while (true) grow(16); // m
      case 0x6c: for (let k: u32 = 0; ; k++) output[0] = <u8>k; // l
      case 0x72: sum += forever(n); break; // r
      case 0x74: throw new Error("as it was told"); // t
      case 0x68: hostLog(1, 0xffffff00, 512); break; // h
      case 0x66: die("lost"); break; // f
    }
  }
  const to = changetype<usize>(output);
  store<u32>(to, before);
  store<u32>(to + 4, sum);
  return pack(to, 8);
}
