package kit

import (
	"strconv"
	"strings"
)

// traced says where a plugin was when it ended, unless the error does.
func traced(functions string) string {
	if functions == "" {
		return ""
	}
	lines := strings.Split(functions, "\n")
	for i, line := range lines {
		lines[i] = "\t" + demangled(line)
	}
	return "in the functions, innermost first:\n" + strings.Join(lines, "\n") + "\n"
}

// demangled writes a function's name as Rust's sources do, where a compiler has written it as _ZN, then length and text of each part,
// the last of them a hash, then E. Anything else stays as it is.
func demangled(function string) string {
	rest, ok := strings.CutPrefix(function, "_ZN")
	if !ok {
		return function
	}
	var parts []string
	for !strings.HasPrefix(rest, "E") {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || n > len(rest)-digits {
			return function
		}
		parts = append(parts, rest[digits:][:n])
		rest = rest[digits+n:]
	}
	if last := len(parts) - 1; last > 0 && len(parts[last]) == 17 && parts[last][0] == 'h' {
		parts = parts[:last]
	}
	name := strings.NewReplacer("$u7b$$u7b$", "{", "$u7d$$u7d$", "}", "$LT$", "<", "$GT$", ">", "$u20$", " ", "$RF$", "&", "..", "::").Replace(strings.Join(parts, "::"))
	return name + rest[1:]
}
