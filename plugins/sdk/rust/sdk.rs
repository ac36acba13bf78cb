//! What a plugin in Rust is written with. The kit puts it into the plugin's folder, with the types of plugin.yaml beside it.
//! Each call gets a fresh instance: nothing that you keep outlives it. It compiles natively as well, for tests.

/// Lengths of time in ms.
pub const SECOND: i64 = 1000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// How much a line of the log matters.
#[derive(Clone, Copy)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

#[cfg(target_arch = "wasm32")]
mod host {
    #[link(wasm_import_module = "restock1")]
    extern "C" {
        #[link_name = "log"]
        fn host_log(level: i32, text: *const u8, length: usize);
        #[link_name = "fail"]
        fn host_fail(code: i32, text: *const u8, length: usize);
    }

    pub fn log(level: i32, line: &str) {
        unsafe { host_log(level, line.as_ptr(), line.len()) }
    }

    pub fn fail(words: &str) -> ! {
        unsafe { host_fail(1, words.as_ptr(), words.len()) }
        unreachable!()
    }
}

// In native tests there is no host: lines are printed, and who fails panics.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    pub fn log(_level: i32, line: &str) {
        eprintln!("{}", line)
    }

    pub fn fail(words: &str) -> ! {
        panic!("{}", words)
    }
}

/// Keeps a line beside the answer: 4 KiB and 64 lines of them per call.
pub fn log(level: Level, line: &str) {
    host::log(level as i32, line)
}

/// Gives up: the call fails with these words, and on_failure says what becomes of the contact.
pub fn fail(words: &str) -> ! {
    host::fail(words)
}

/// Makes panics fail the call with their words.
pub fn panics_fail() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|p| host::fail(&p.to_string())));
}

/// Reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) of the types that fields and settings have. After
/// the first value of another type everything is missing, and bad says so.
pub struct Reader<'a> {
    rest: &'a [u8],
    pub bad: bool,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes, bad: false }
    }

    fn spoil(&mut self) {
        self.bad = true;
        self.rest = &[];
    }

    fn take(&mut self, n: usize) -> &'a [u8] {
        if n > self.rest.len() {
            self.spoil();
            return &[];
        }
        let (head, rest) = self.rest.split_at(n);
        self.rest = rest;
        head
    }

    fn next(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0xc0)
    }

    fn number(&mut self, n: usize) -> u64 {
        self.take(n).iter().fold(0, |v, b| v << 8 | u64::from(*b))
    }

    pub fn bool(&mut self) -> bool {
        let c = self.next();
        if !matches!(c, 0xc0 | 0xc2 | 0xc3) {
            self.spoil();
        }
        c == 0xc3
    }

    pub fn int(&mut self) -> Option<i64> {
        Some(match self.next() {
            0xc0 => return None,
            c @ (0x00..=0x7f | 0xe0..=0xff) => i64::from(c as i8),
            c @ 0xcc..=0xcf => self.number(1 << (c - 0xcc)) as i64,
            0xd0 => i64::from(self.number(1) as i8),
            0xd1 => i64::from(self.number(2) as i16),
            0xd2 => i64::from(self.number(4) as i32),
            0xd3 => self.number(8) as i64,
            _ => {
                self.spoil();
                return None;
            }
        })
    }

    pub fn text(&mut self) -> &'a str {
        let n = match self.next() {
            0xc0 => return "",
            c @ 0xa0..=0xbf => usize::from(c & 0x1f),
            c @ 0xd9..=0xdb => self.number(1 << (c - 0xd9)) as usize,
            _ => {
                self.spoil();
                return "";
            }
        };
        // The host writes UTF-8; to check it once more would cost as much as all the rest.
        unsafe { std::str::from_utf8_unchecked(self.take(n)) }
    }

    fn size(&mut self, short: u8, first: u8) -> usize {
        match self.next() {
            0xc0 => 0,
            c if c & 0xf0 == short => usize::from(c & 0x0f),
            c if c == first || c == first + 1 => self.number(2 << (c - first)) as usize,
            _ => {
                self.spoil();
                0
            }
        }
    }

    pub fn array(&mut self) -> usize {
        self.size(0x90, 0xdc)
    }

    pub fn keys(&mut self) -> usize {
        self.size(0x80, 0xde)
    }

    pub fn texts(&mut self) -> Vec<&'a str> {
        let n = self.array();
        if n > self.rest.len() {
            self.spoil();
            return Vec::new();
        }
        (0..n).map(|_| self.text()).collect()
    }

    /// Reads past one value.
    pub fn skip(&mut self) {
        match self.rest.first().copied().unwrap_or(0) {
            0xc2 | 0xc3 => {
                self.next();
            }
            0xa0..=0xbf | 0xd9..=0xdb => {
                self.text();
            }
            0x90..=0x9f | 0xdc | 0xdd => {
                self.texts();
            }
            _ => {
                self.int();
            }
        }
    }
}

const MAX_REASON: usize = 256;

/// Writes an answer.
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn byte(&mut self, b: u8) {
        self.0.push(b);
    }

    pub fn size(&mut self, head: u8, n: usize) {
        self.0.extend_from_slice(&[head, (n >> 8) as u8, n as u8]);
    }

    pub fn bool(&mut self, v: bool) {
        self.byte(if v { 0xc3 } else { 0xc2 });
    }

    pub fn int(&mut self, v: i64) {
        self.byte(0xd3);
        self.0.extend_from_slice(&v.to_be_bytes());
    }

    pub fn text(&mut self, s: &str) {
        self.size(0xda, s.len());
        self.0.extend_from_slice(s.as_bytes());
    }

    /// Writes a reason; what is longer than 256 bytes is cut off between characters.
    pub fn reason(&mut self, s: &str) {
        let mut n = s.len().min(MAX_REASON);
        while !s.is_char_boundary(n) {
            n -= 1;
        }
        self.text(&s[..n]);
    }

    pub fn texts(&mut self, all: &[String]) {
        self.size(0xdc, all.len());
        for s in all {
            self.text(s);
        }
    }
}
