package journal

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
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

func listen(o *server.Options, c ServerConfig) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); c.Token == "" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listening on %s for edges of other machines needs a token: set --nats-token", c.Listen)
	}
	o.Host, o.Authorization = host, c.Token
	o.Port, err = strconv.Atoi(port)
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
