//go:build !linux || !(amd64 || arm64)

package wasm

import "errors"

// What other systems do not have: there, memories are copied.
type (
	imageFile struct{ view []byte }
	pagemap   struct{}
)

func openPagemap() *pagemap          { return nil }
func (p *pagemap) close()            {}
func ableMemories(*pagemap) memories { return memoryCopy }
func (f *imageFile) close()          {}

func newImageFile([]byte) (*imageFile, error) {
	return nil, errors.New("making a file for an image: this system has none in memory")
}

func newMapped(*image, int64, memories, *pagemap) (*copied, error) {
	return nil, errors.New("mapping an image: this system cannot")
}
