// What a plugin in AssemblyScript is written with. The kit puts it into the plugin's folder, and beside it plugin.ts with the
// types of plugin.yaml; index.ts exports both. Each call gets a fresh instance: nothing that you keep outlives it.

@external("restock1", "log")
declare function hostLog(level: i32, text: usize, length: i32): void;
@external("restock1", "fail")
declare function hostFail(code: i32, text: usize, length: i32): void;

/** Lengths of time in ms. */
export const SECOND: i64 = 1000;
export const MINUTE: i64 = 60 * SECOND;
export const HOUR: i64 = 60 * MINUTE;
export const DAY: i64 = 24 * HOUR;

/** A whole number that may be missing. Money is in the currency's minor unit. */
export class Int {
  constructor(
    /** 0 when it is missing. */
    public value: i64 = 0,
    public known: bool = false,
  ) {}

  /** The number, or another one when it is missing. */
  or(missing: i64): i64 {
    return this.known ? this.value : missing;
  }
}

/** How much a line of the log matters. */
export enum Level {
  Debug,
  Info,
  Warn,
  Error,
}

/** Keeps a line beside the answer: 4 KiB and 64 lines of them per call. */
export function log(level: Level, line: string): void {
  const text = String.UTF8.encode(line);
  hostLog(level, changetype<usize>(text), text.byteLength);
}

/** Gives up: the call fails with these words, and on_failure says what becomes of the contact. It does not return. */
export function fail(words: string): void {
  const text = String.UTF8.encode(words);
  hostFail(1, changetype<usize>(text), text.byteLength);
  unreachable();
}

/** What the language calls when it gives up: throw, a failed assert, an index out of range. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  let words = message !== null ? message : "aborted";
  if (file !== null) words += " at " + file + ":" + line.toString() + ":" + column.toString();
  fail(words);
}

// ---- msgpack: https://github.com/msgpack/msgpack/blob/master/spec.md ----

/** Reads the types that fields and settings have. After the first value of another type everything is missing. */
export class Reader {
  bad: bool = false;

  constructor(private at: usize, private end: usize) {}

  private spoil(): void {
    this.bad = true;
    this.at = this.end;
  }

  private next(): u8 {
    if (this.at < this.end) return load<u8>(this.at++);
    this.bad = true;
    return 0xc0;
  }

  private number(n: u32): u64 {
    let v: u64 = 0;
    if (n > <u32>(this.end - this.at)) {
      this.spoil();
      return 0;
    }
    for (; n > 0; n--) v = (v << 8) | load<u8>(this.at++);
    return v;
  }

  bool(): bool {
    const c = this.next();
    if (c != 0xc0 && c != 0xc2 && c != 0xc3) this.spoil();
    return c == 0xc3;
  }

  int(): Int {
    const c = this.next();
    if (c == 0xc0) return new Int();
    if (c <= 0x7f || c >= 0xe0) return new Int(<i8>c, true);
    if (c >= 0xcc && c <= 0xcf) return new Int(this.number(1 << (c - 0xcc)), true);
    if (c == 0xd0) return new Int(<i8>this.number(1), true);
    if (c == 0xd1) return new Int(<i16>this.number(2), true);
    if (c == 0xd2) return new Int(<i32>this.number(4), true);
    if (c == 0xd3) return new Int(<i64>this.number(8), true);
    this.spoil();
    return new Int();
  }

  text(): string {
    const c = this.next();
    if (c == 0xc0) return "";
    let length: u32 = u32.MAX_VALUE;
    if ((c & 0xe0) == 0xa0) length = c & 0x1f;
    else if (c >= 0xd9 && c <= 0xdb) length = <u32>this.number(1 << (c - 0xd9));
    if (this.bad || length > <u32>(this.end - this.at)) {
      this.spoil();
      return "";
    }
    this.at += length;
    return String.UTF8.decodeUnsafe(this.at - length, length);
  }

  array(): u32 {
    const c = this.next();
    if (c == 0xc0) return 0;
    if ((c & 0xf0) == 0x90) return c & 0x0f;
    if (c == 0xdc || c == 0xdd) return <u32>this.number(2 << (c - 0xdc));
    this.spoil();
    return 0;
  }

  keys(): u32 {
    const c = this.next();
    if (c == 0xc0) return 0;
    if ((c & 0xf0) == 0x80) return c & 0x0f;
    if (c == 0xde || c == 0xdf) return <u32>this.number(2 << (c - 0xde));
    this.spoil();
    return 0;
  }

  texts(): string[] {
    const all: string[] = [];
    for (let n = this.array(); n > 0 && !this.bad; n--) all.push(this.text());
    return all;
  }

  /** Reads past one value. */
  skip(): void {
    if (this.at >= this.end) {
      this.bad = true;
      return;
    }
    const c = load<u8>(this.at);
    if (c == 0xc2 || c == 0xc3) this.at++;
    else if ((c & 0xe0) == 0xa0 || (c >= 0xd9 && c <= 0xdb)) this.text();
    else if ((c & 0xf0) == 0x90 || c == 0xdc || c == 0xdd) this.texts();
    else this.int();
  }
}

/** The longest reason in bytes; what is longer is cut off between characters. */
const MAX_REASON: i32 = 256;
const OUTPUT: i32 = 16 << 10;

/** Writes an answer. */
export class Writer {
  private out: StaticArray<u8> = new StaticArray<u8>(OUTPUT);
  private at: i32 = 0;

  begin(): void {
    this.at = 0;
  }

  byte(b: u32): void {
    if (this.at == OUTPUT) fail("the answer is larger than 16 KiB; say less");
    this.out[this.at++] = <u8>b;
  }

  bool(v: bool): void {
    this.byte(v ? 0xc3 : 0xc2);
  }

  int(v: i64): void {
    this.byte(0xd3);
    for (let shift = 56; shift >= 0; shift -= 8) this.byte(<u32>((v >> shift) & 0xff));
  }

  /** Writes text of at most so many bytes. */
  text(s: string, most: i32 = 0xffff): void {
    const utf8 = String.UTF8.encode(s);
    const from = changetype<usize>(utf8);
    let n = utf8.byteLength;
    if (n > most) for (n = most; n > 0 && (load<u8>(from + n) & 0xc0) == 0x80; ) n--;
    this.byte(0xda);
    this.byte(n >> 8);
    this.byte(n & 0xff);
    if (this.at + n > OUTPUT) fail("the answer is larger than 16 KiB; say less");
    memory.copy(changetype<usize>(this.out) + this.at, from, n);
    this.at += n;
  }

  reason(s: string): void {
    this.text(s, MAX_REASON);
  }

  texts(all: string[]): void {
    this.byte(0xdc);
    this.byte(all.length >> 8);
    this.byte(all.length & 0xff);
    for (let i = 0; i < all.length; i++) this.text(all[i]);
  }

  /** Where the answer lies. */
  done(): u64 {
    return ((<u64>changetype<usize>(this.out)) << 32) | this.at;
  }
}

let room: StaticArray<u8> | null = null;

/** Makes the room that the host asks for, once. */
export function makeRoom(size: u32): usize {
  const r = new StaticArray<u8>(size);
  room = r;
  return changetype<usize>(r);
}
