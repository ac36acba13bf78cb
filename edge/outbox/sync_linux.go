package outbox

import (
	"errors"
	"os"
	"syscall"
)

// syncData brings a file's bytes to the disk, and of its metadata only what is needed to read them (fdatasync(2)).
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
