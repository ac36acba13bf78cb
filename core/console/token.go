package console

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Tokens are the bearer tokens (RFC 6750) that let operators and programs in. Only their SHA-256 is kept: whoever reads
// the file cannot come in. They have 256 random bits, so a plain hash is enough and guessing is hopeless. Tokens do not
// change once they are read, and many goroutines may use them.
type Tokens struct{ hashes [][sha256.Size]byte }

// tokenMark leads every token, so that people and secret scanners know it when they see it.
const tokenMark = "restock_"

// tokensHead stands at the top of a new file.
const tokensHead = `# SHA-256 of the console's bearer tokens, one per line in hexadecimal; a name may stand behind it.
# To add a token:  printf %s "$TOKEN" | sha256sum  and a restart. To revoke one, remove its line.
`

// OpenTokens reads the tokens' file. When there is none it makes one (0600) with a first token and returns that token, to
// be shown once: it stands nowhere else. A file that others may read, that holds no token or that is not of this form is
// refused.
func OpenTokens(path string) (t *Tokens, first string, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeTokens(path)
	}
	if err != nil {
		return nil, "", fmt.Errorf("opening tokens: %w", err)
	}
	defer func() { _ = f.Close() }() // read to its end
	info, err := f.Stat()
	if err != nil {
		return nil, "", fmt.Errorf("opening tokens: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, "", fmt.Errorf("opening tokens: %s may be read or written by others; run chmod 600 on it", path)
	}
	t, err = readTokens(bufio.NewScanner(f), path)
	return t, "", err
}

// readTokens reads the file's lines; path is for errors.
func readTokens(lines *bufio.Scanner, path string) (*Tokens, error) {
	t := new(Tokens)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		hash, err := hex.DecodeString(fields[0])
		if err != nil || len(hash) != sha256.Size {
			return nil, fmt.Errorf("reading tokens: %s:%d: want a SHA-256 in 64 hexadecimal digits", path, n)
		}
		t.hashes = append(t.hashes, [sha256.Size]byte(hash))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading tokens: %w", err)
	}
	if len(t.hashes) == 0 {
		return nil, fmt.Errorf("reading tokens: %s holds none; remove it to have a first one made", path)
	}
	return t, nil
}

// makeTokens writes the file whole or not at all, so that a crash cannot leave one that locks everybody out.
func makeTokens(path string) (*Tokens, string, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // crypto/rand never fails since Go 1.24
	token := tokenMark + base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%x first\n", tokensHead, hash)
	if err := writeNew(path, b.Bytes()); err != nil {
		return nil, "", fmt.Errorf("making tokens: %w", err)
	}
	return &Tokens{hashes: [][sha256.Size]byte{hash}}, token, nil
}

// writeNew writes a file that only its owner may read (os.CreateTemp's 0600), synced before it gets its name.
func writeNew(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".tokens-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // what remains is replaced by the next write
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// syncFolder makes a rename in dir last through a power loss.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Knows says whether token is one of them. It looks at all of them whichever fits.
func (t *Tokens) Knows(token string) bool {
	hash := sha256.Sum256([]byte(token))
	known := 0
	for _, h := range t.hashes {
		known |= subtle.ConstantTimeCompare(h[:], hash[:])
	}
	return known == 1
}

// authorize lets a program in by its bearer token; a session's cookie is for pages only.
func (s *server) authorize(r *http.Request) error {
	if s.tokens == nil {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return newProblem(http.StatusUnauthorized, "Send a token of this node as Authorization: Bearer TOKEN.")
	}
	if !s.tokens.Knows(strings.TrimSpace(token)) {
		return newProblem(http.StatusUnauthorized, "This token is not known here.")
	}
	return nil
}
