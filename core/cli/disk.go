package cli

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What lies on a node's disk is encrypted by a key of its own, random and made with the disk, which stands beside the node's folder,
// sealed by the operator's key (AES-GCM). So the operator's key can be changed without writing everything anew: ResealDisk.
const (
	diskKeySuffix = ".key"
	diskKeyLabel  = "restock disk key 1" // the format's version is part of it
)

// CheckDiskKey says what is wrong with an operator's key; none is right.
func CheckDiskKey(key []byte) error {
	if n := len(key); n != 0 && n != 16 && n != 24 && n != 32 {
		return fmt.Errorf("%w: encryption-key: want 16, 24 or 32 bytes, have %d", ErrSettings, n)
	}
	return nil
}

// DiskKey is the key for what a node keeps in a folder, by the operator's; none where nothing is encrypted. A folder that is there and has no
// sealed key is of a version before there were any, and encrypted by the operator's key itself, if at all.
func DiskKey(folder string, operator []byte) ([]byte, error) {
	if err := CheckDiskKey(operator); err != nil {
		return nil, err
	}
	file := folder + diskKeySuffix
	switch _, err := os.Stat(file); {
	case err == nil && len(operator) == 0:
		return nil, fmt.Errorf("%w: encryption-key: %s is encrypted, as %s says; give its key", ErrSettings, folder, file)
	case err == nil:
		return openDiskKey(file, operator)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading disk key: %w", err)
	}
	if _, err := os.Stat(folder); err == nil || len(operator) == 0 {
		return operator, nil
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key, sealDiskKey(file, key, operator)
}

func diskSeal(operator []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(operator)
	if err != nil {
		return nil, fmt.Errorf("opening disk key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(b)
}

func openDiskKey(file string, operator []byte) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading disk key: %w", err)
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(string(text)), diskKeyLabel+" ")
	sealed, err := hex.DecodeString(rest)
	if !ok || err != nil {
		return nil, fmt.Errorf("reading disk key: %s is none of this version, or damaged; without it what it is for is lost: restore it from a backup", file)
	}
	seal, err := diskSeal(operator)
	if err != nil {
		return nil, err
	}
	key, err := seal.Open(nil, nil, sealed, []byte(diskKeyLabel))
	if err != nil {
		return nil, fmt.Errorf("%w: encryption-key: it is not the one that %s was sealed with", ErrSettings, file)
	}
	return key, nil
}

// sealDiskKey writes a key to a file, which is there as a whole or as it was, whatever happens meanwhile.
func sealDiskKey(file string, key, operator []byte) error {
	seal, err := diskSeal(operator)
	if err != nil {
		return err
	}
	text := diskKeyLabel + " " + hex.EncodeToString(seal.Seal(nil, nil, key, []byte(diskKeyLabel))) + "\n"
	if err := replaceFile(file, []byte(text)); err != nil {
		return fmt.Errorf("writing disk key: %w", err)
	}
	return nil
}

func replaceFile(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ResealDisk seals the disk keys of the nodes whose folders lie in data by another operator's key, and names them. What is sealed by the
// new one already stays as it is, so that it can be done again after an interruption.
func ResealDisk(data string, old, operator []byte) (files []string, err error) {
	all, err := filepath.Glob(filepath.Join(data, "*"+diskKeySuffix))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: data: %s holds no sealed disk key; what was encrypted by a version before there were any keeps its key", ErrSettings, data)
	}
	if err != nil {
		return nil, err
	}
	for _, file := range all {
		key, err := openDiskKey(file, old)
		if errors.Is(err, ErrSettings) {
			if _, done := openDiskKey(file, operator); done == nil {
				files = append(files, file)
				continue
			}
		}
		if err == nil {
			err = sealDiskKey(file, key, operator)
		}
		if err != nil {
			return files, err
		}
		files = append(files, file)
	}
	return files, nil
}

// resealCommand changes the operator's key.
type resealCommand struct {
	Data string `help:"Folder that keeps everything." default:"restock-data" type:"path"`
	Old  string `help:"File with the key so far." required:"" type:"existingfile"`
	New  string `help:"File with the key from now on; restock key encryption makes one." required:"" type:"existingfile"`
}

// Run seals anew. Nodes that run have opened theirs, and need the new one when they start again.
func (c *resealCommand) Run() error {
	old, err := readDiskKey(c.Old)
	if err != nil {
		return err
	}
	operator, err := readDiskKey(c.New)
	if err != nil {
		return err
	}
	files, err := ResealDisk(c.Data, old, operator)
	for _, file := range files {
		fmt.Printf("%s is sealed by the new key\n", file)
	}
	if err == nil {
		fmt.Println("Start the nodes with it from now on. Copies of these files from before open with the old key still: destroy them, or it.")
	}
	return err
}

func readDiskKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) == 0 || CheckDiskKey(key) != nil {
		return nil, fmt.Errorf("%w: %s holds no key: want 32, 48 or 64 hexadecimal digits", ErrSettings, file)
	}
	return key, nil
}
