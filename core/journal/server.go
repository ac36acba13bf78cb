package journal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ServerConfig is an embedded server.
type ServerConfig struct {
	Dir    string // where streams lie
	Listen string // host:port for edges of other machines; "": this process only
	Key    []byte // encrypts what lies on disk (ChaCha20-Poly1305); nil: nothing is encrypted
	Token  string // asked of those who connect by Listen; required unless it is loopback
}

// Server is an embedded server (InProcess).
type Server struct{ nats *server.Server }

// InProcessConn is a connection that never leaves the process.
func (s *Server) InProcessConn() (net.Conn, error) { return s.nats.InProcessConn() }

// Addr is where the server takes edges of other processes; nil when it does not.
func (s *Server) Addr() net.Addr { return s.nats.Addr() }

// Close ends the server once everything is on disk.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}

// startWait bounds how long recovering the streams at start may take.
const startWait = 10 * time.Minute

// Serve starts an embedded server.
func Serve(c ServerConfig, log *slog.Logger) (*Server, error) {
	if err := checkKey(c.Dir, c.Key); err != nil {
		return nil, fmt.Errorf("starting journal in %s: %w", c.Dir, err)
	}
	o := &server.Options{
		ServerName: "restock",
		DontListen: c.Listen == "",
		JetStream:  true,
		StoreDir:   c.Dir,
		SyncAlways: true,
		NoSigs:     true,
		NoLog:      true,
	}
	if len(c.Key) > 0 {
		o.JetStreamKey, o.JetStreamCipher = hex.EncodeToString(c.Key), server.ChaCha
	}
	if c.Listen != "" {
		if err := listen(o, c); err != nil {
			return nil, fmt.Errorf("starting journal: %w", err)
		}
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("starting journal in %s: %w", c.Dir, err)
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startWait) || !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("starting journal in %s: not ready; see the log for why", c.Dir)
	}
	return &Server{s}, nil
}

// ErrKey means that the journal was made with another key, or with none. It must be found before the server starts: to the
// server, streams that it cannot decrypt are streams that are not there, and it would make new ones in their place.
var ErrKey = errors.New("journal_key: the journal was made with another encryption key, or without one")

// keyFile holds what tells keys apart: an HMAC under the key, or noKey.
const (
	keyFile = "key.check"
	noKey   = "none"
)

// checkKey compares the key with the one that the journal in dir was made with, and notes it when the journal is new.
func checkKey(dir string, key []byte) error {
	mine := noKey
	if len(key) > 0 {
		h := hmac.New(sha256.New, key)
		_, _ = h.Write([]byte("restock journal")) // never fails
		mine = hex.EncodeToString(h.Sum(nil))
	}
	path := filepath.Join(dir, keyFile)
	known, err := os.ReadFile(path)
	switch {
	case err == nil && subtle.ConstantTimeCompare(bytes.TrimSpace(known), []byte(mine)) != 1:
		return ErrKey
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "jetstream")); err == nil && mine != noKey {
		return ErrKey // streams without a note are from before there were keys
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(mine+"\n"), 0o600)
}

func listen(o *server.Options, c ServerConfig) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); c.Token == "" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listening on %s for edges of other machines needs a token: set --nats-token", c.Listen)
	}
	o.Host, o.Authorization = host, c.Token
	if o.Port, err = strconv.Atoi(port); o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	return err
}

// serverLog hands the server's warnings and errors to our log; what it says besides is of no use to an operator.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(string, ...any)    {}
func (l serverLog) Debugf(string, ...any)     {}
func (l serverLog) Tracef(string, ...any)     {}
func (l serverLog) Warnf(f string, a ...any)  { l.log.Warn("journal: " + fmt.Sprintf(f, a...)) }
func (l serverLog) Errorf(f string, a ...any) { l.log.Error("journal: " + fmt.Sprintf(f, a...)) }
func (l serverLog) Fatalf(f string, a ...any) { l.log.Error("journal: " + fmt.Sprintf(f, a...)) }
