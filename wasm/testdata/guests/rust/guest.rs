//! The guests' condition in Rust, with its standard library. ../README.md says what all four guests do.

use std::collections::BTreeSet;

#[link(wasm_import_module = "host1")]
extern "C" {
    fn log(level: i32, text: *const u8, length: usize);
    fn fail(code: i32, text: *const u8, length: usize);
}

/// What outlives a call. WebAssembly has one thread.
struct State {
    room: Vec<u8>,
    output: Vec<u8>,
    sku: String,
    window: i64,
    countries: BTreeSet<String>,
    calls: u32, // of chaos: 0 at each call when the host forgets nothing to reset
    kept: Vec<Vec<u8>>,
}

static mut STATE: Option<State> = None;

fn state() -> &'static mut State {
    unsafe {
        STATE.get_or_insert_with(|| State {
            room: Vec::new(),
            output: Vec::with_capacity(64),
            sku: String::new(),
            window: 0,
            countries: BTreeSet::new(),
            calls: 0,
            kept: Vec::new(),
        })
    }
}

fn die(words: &str) -> ! {
    unsafe { fail(1, words.as_ptr(), words.len()) };
    unreachable!()
}

fn pack(bytes: &[u8]) -> u64 {
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}

#[no_mangle]
pub extern "C" fn buffer(size: usize) -> *const u8 {
    std::panic::set_hook(Box::new(|p| die(&p.to_string())));
    let s = state();
    s.room = vec![0; size];
    s.room.as_ptr()
}

// ---- msgpack ----

struct Reader<'a>(&'a [u8]);

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Read<&'a [u8]> {
        if n > self.0.len() {
            return Err("not the input: it ends early");
        }
        let (head, rest) = self.0.split_at(n);
        self.0 = rest;
        Ok(head)
    }

    fn next(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self, n: usize) -> Read<u64> {
        Ok(self.take(n)?.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    fn int(&mut self) -> Read<Option<i64>> {
        Ok(Some(match self.next()? {
            0xc0 => return Ok(None),
            c @ (0x00..=0x7f | 0xe0..=0xff) => i64::from(c as i8),
            c @ 0xcc..=0xcf => self.number(1 << (c - 0xcc))? as i64,
            0xd0 => i64::from(self.number(1)? as i8),
            0xd1 => i64::from(self.number(2)? as i16),
            0xd2 => i64::from(self.number(4)? as i32),
            0xd3 => self.number(8)? as i64,
            _ => return Err("not the input: no int"),
        }))
    }

    fn text(&mut self) -> Read<Option<&'a str>> {
        let n = match self.next()? {
            0xc0 => return Ok(None),
            c @ 0xa0..=0xbf => usize::from(c & 0x1f),
            0xd9 => self.number(1)? as usize,
            0xda => self.number(2)? as usize,
            _ => return Err("not the input: no text"),
        };
        Ok(Some(std::str::from_utf8(self.take(n)?).map_err(|_| "not the input: no UTF-8")?))
    }

    fn array(&mut self) -> Read<usize> {
        match self.next()? {
            c @ 0x90..=0x9f => Ok(usize::from(c & 0x0f)),
            0xdc => Ok(self.number(2)? as usize),
            _ => Err("not the input: no array"),
        }
    }
}

fn input(at: *const u8, length: usize) -> &'static [u8] {
    unsafe { std::slice::from_raw_parts(at, length) }
}

// ---- the condition ----

#[no_mangle]
pub extern "C" fn configure(at: *const u8, length: usize) -> i32 {
    if length == 0 {
        return 0;
    }
    match read_config(Reader(input(at, length))) {
        Ok(()) => 0,
        Err(_) => 4,
    }
}

fn read_config(mut r: Reader) -> Read<()> {
    let s = state();
    r.array()?;
    s.sku = r.text()?.unwrap_or("").to_string();
    s.window = r.int()?.unwrap_or(0);
    for _ in 0..r.array()? {
        s.countries.extend(r.text()?.map(str::to_string));
    }
    Ok(())
}

fn answer(pass: bool, reason: &str) -> u64 {
    let out = &mut state().output;
    out.clear();
    out.extend([0x92, if pass { 0xc3 } else { 0xc2 }, 0xa0 | reason.len() as u8]);
    out.extend_from_slice(reason.as_bytes());
    pack(out)
}

#[no_mangle]
pub extern "C" fn condition(at: *const u8, length: usize) -> u64 {
    match judge(Reader(input(at, length))) {
        Ok((pass, reason)) => answer(pass, reason),
        Err(words) => die(words),
    }
}

fn judge(mut r: Reader) -> Read<(bool, &'static str)> {
    let s = state();
    r.array()?;
    let now = r.int()?.unwrap_or(0);
    let sku = r.text()?;
    let told = r.int()?;
    let country = r.text()?;
    Ok(if sku != Some(&s.sku) {
        (false, "another product")
    } else if told.map_or(false, |told| now - told < s.window) {
        (false, "told lately")
    } else if !country.map_or(false, |c| s.countries.contains(c)) {
        (false, "not shipped there")
    } else {
        (true, "tell")
    })
}

// ---- chaos ----

/// Keeps the compiler from seeing through v.
fn black_box<T>(v: T) -> T {
    let seen = unsafe { std::ptr::read_volatile(&v) };
    std::mem::forget(v);
    seen
}

#[inline(never)]
fn deeper(n: u32) -> u32 {
    let frame = black_box([n as u8; 64]);
    if n == 0 { 1 } else { deeper(n - 1) + u32::from(frame[(n & 63) as usize]) }
}

#[inline(never)]
fn forever(n: u32) -> u32 {
    if n == u32::MAX { 0 } else { forever(black_box(n + 1)).wrapping_add(n) }
}

fn grow(pages: usize) {
    let page = core::arch::wasm32::memory_grow(0, pages);
    if page == usize::MAX {
        core::arch::wasm32::unreachable()
    }
    for i in 0..pages {
        unsafe { ((page + i << 16) as *mut u32).write_volatile(i as u32 + 1) }
    }
}

#[no_mangle]
pub extern "C" fn chaos(at: *const u8, length: usize) -> u64 {
    let s = state();
    let before = s.calls;
    s.calls += 1;
    let sum = input(at, length).chunks_exact(2).fold(0u32, |sum, step| sum.wrapping_add(perform(s, step[0], step[1])));
    s.output.clear();
    s.output.extend_from_slice(&before.to_le_bytes());
    s.output.extend_from_slice(&sum.to_le_bytes());
    pack(&s.output)
}

fn perform(s: &mut State, op: u8, n: u8) -> u32 {
    match op {
        b'w' => {
            let mut block = vec![0u8; 32 << 10];
            block.iter_mut().skip(n.into()).step_by(1024).for_each(|b| *b = n);
            s.kept.push(block);
            return s.kept.len() as u32 + u32::from(s.kept[0][usize::from(n)]);
        }
        b'd' => return deeper(n.into()),
        b'g' => grow(usize::from(n % 16) + 1),
        b's' => unsafe { log(1, "said".as_ptr(), 4) },
        b'm' => loop {
            grow(16)
        },
        b'l' => loop {
            black_box(n);
        },
        b'r' => return forever(n.into()),
        b't' => panic!("as it was told"),
        b'h' => unsafe { log(1, 0xffff_ff00 as *const u8, 512) },
        b'f' => die("lost"),
        _ => {}
    }
    0
}
