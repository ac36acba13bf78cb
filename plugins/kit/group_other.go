//go:build !unix

package kit

import "os/exec"

// ownGroup does nothing here: cmd.Cancel ends the program alone.
func ownGroup(*exec.Cmd) {}
