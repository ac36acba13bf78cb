//go:build unix

package kit

import (
	"os/exec"
	"syscall"
)

// ownGroup lets cmd.Cancel end a program with everything that it has started, also after the program itself has ended.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
