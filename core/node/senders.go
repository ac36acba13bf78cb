package node

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"restock/core"
	"restock/core/sender"
	"restock/core/sender/inbox"
	"restock/core/sender/smtp"
	"restock/core/sender/twilio"
	"restock/core/sender/webhook"
	"restock/core/sender/webpush"
	"restock/core/wire"
)

// senders are the open senders of a node; one is opened at its first message, and again when its declaration changed.
type senders struct {
	inbox  *inbox.Inbox
	public string // URL under which edges are reached

	mu     sync.Mutex
	opened map[senderKey]*openSender
}

type senderKey struct {
	workspace core.WorkspaceName
	name      core.Name
}

type openSender struct {
	declared core.Sender
	sender   sender.Sender
}

func openSenders(data, public string) (*senders, error) {
	box, err := inbox.Open(filepath.Join(data, "inbox"))
	if err != nil {
		return nil, err
	}
	return &senders{inbox: box, public: public, opened: map[senderKey]*openSender{}}, nil
}

// newSender makes a sender of its kind; one line each.
func (s *senders) newSender(d core.Sender) (sender.Sender, error) {
	secrets, err := resolveSecrets(d.Secrets)
	if err != nil {
		return nil, err
	}
	switch d.Kind {
	case core.InboxKind:
		return s.inbox, nil
	case "smtp":
		return smtp.Open(d, smtp.Secrets{Password: secrets["password"], DKIM: secrets["dkim_key"]})
	case "twilio":
		return twilio.Open(d, secrets["token"], wire.PostingURL(s.public, d.Name))
	case pushKind:
		return webpush.Open(d, secrets["key"])
	case core.WebhookKind:
		return webhook.Open(d, secrets["secret"])
	}
	return nil, fmt.Errorf("opening sender %s: kind %q is not known", d.Name, d.Kind)
}

// usualCalls is how many calls of a sender run at once where nothing is said of it.
func usualCalls(kind string) int {
	switch kind {
	case "smtp":
		return smtp.Connections
	case "twilio":
		return twilio.UsualCalls
	case pushKind:
		return webpush.UsualCalls
	case core.WebhookKind:
		return webhook.UsualCalls
	}
	return core.MaxConcurrency
}

// pushKind is the kind of sender that pushes to browsers.
const pushKind = "webpush"

// pushKey is the public key that browsers are given for a sender.
func (s *senders) pushKey(d core.Sender) (string, error) {
	if d.Kind != pushKind {
		return "", fmt.Errorf("reading the public key of sender %s: it is no sender of type %s", d.Name, pushKind)
	}
	opened, err := s.newSender(d)
	if err != nil {
		return "", err
	}
	defer func() { _ = opened.Close() }() // it has called nobody
	return opened.(*webpush.WebPush).PublicKey(), nil
}

// postingSecret is what a sender's provider signs with when it posts to us; "" where it posts nothing.
func postingSecret(d core.Sender) core.Secret {
	if d.Kind == "twilio" {
		return d.Secrets["token"]
	}
	return d.Secrets["events"]
}

func resolveSecrets(refs map[string]core.Secret) (map[string]string, error) {
	secrets := map[string]string{}
	var all []error
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		value, err := ResolveSecret(refs[name])
		secrets[name] = value
		all = append(all, err)
	}
	return secrets, errors.Join(all...)
}

// open returns the sender as it is declared now.
func (s *senders) open(w core.WorkspaceName, d core.Sender) (sender.Sender, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := senderKey{w, d.Name}
	known, ok := s.opened[key]
	if ok && reflect.DeepEqual(known.declared, d) {
		return known.sender, nil
	}
	opened, err := s.newSender(d)
	if err != nil {
		return nil, err
	}
	s.opened[key] = &openSender{d, opened}
	if ok && known.sender != sender.Sender(s.inbox) {
		go func() { _ = known.sender.Close() }() // it waits for the calls that still run
	}
	return opened, nil
}

func (s *senders) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for _, o := range s.opened {
		if o.sender != sender.Sender(s.inbox) {
			all = append(all, o.sender.Close())
		}
	}
	return errors.Join(append(all, s.inbox.Close())...)
}

// maxSecretFile bounds a file that holds a secret, in bytes.
const maxSecretFile = 64 << 10

// ResolveSecret reads a secret from where its reference says it is; "" for no reference.
func ResolveSecret(s core.Secret) (string, error) {
	if s == "" {
		return "", nil
	}
	if name, ok := strings.CutPrefix(string(s), "env:"); ok {
		value, set := os.LookupEnv(name)
		if !set || value == "" {
			return "", fmt.Errorf("reading secret %s: the core node has no such variable in its environment", s)
		}
		return value, nil
	}
	path, ok := strings.CutPrefix(string(s), "file:")
	if !ok {
		return "", errors.New("reading secret: want env:NAME or file:PATH")
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxSecretFile {
		err = errors.New("it is too large for a secret")
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("reading secret %s: %w", s, err)
	}
	value := strings.TrimRight(string(b), "\r\n")
	if value == "" {
		return "", fmt.Errorf("reading secret %s: it is empty", s)
	}
	return value, nil
}
