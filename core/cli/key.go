package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"restock/core/console"
	"restock/core/sender/smtp"
	"restock/core/sender/webpush"
)

// keyCommand makes keys. They are written to files that only their owner may read, and never over another.
type keyCommand struct {
	VAPID      vapidCommand         `cmd:"" name:"vapid" help:"Make the key of a webpush sender (VAPID)."`
	DKIM       dkimCommand          `cmd:"" name:"dkim" help:"Make the key that an smtp sender signs with (DKIM), and print its DNS record."`
	Encryption encryptionKeyCommand `cmd:"" help:"Make a key for --encryption-key."`
	Reseal     resealCommand        `cmd:"" help:"Change the key that --encryption-key names."`
	Links      linkKeysCommand      `cmd:"" help:"List the keys that links in messages are sealed with, or rotate them."`
}

// keyFile is where a key is written to.
type keyFile struct {
	File string `arg:"" help:"File to write the key to; there must be none of that name." type:"path"`
}

// write writes a key to the disk, and says how it is named in settings.
func (f keyFile) write(key string) error {
	file, err := os.OpenFile(f.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s is there already, and what a key was used for is lost with it; give another name", ErrSettings, f.File)
	}
	if err != nil {
		return fmt.Errorf("writing the key: %w", err)
	}
	_, err = file.WriteString(key)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the key: %w", errors.Join(err, os.Remove(f.File)))
	}
	return nil
}

// ref is the key as sender documents and settings name it.
func (f keyFile) ref() string {
	path, err := filepath.Abs(f.File)
	if err != nil {
		path = f.File
	}
	return "file:" + path
}

type vapidCommand struct {
	keyFile
	Contact string `help:"Whom push services may write to." default:"mailto:push@shop.example"`
}

// Run makes a key and says where it belongs.
func (c *vapidCommand) Run() error {
	private, public, err := webpush.NewKey()
	if err != nil {
		return err
	}
	if err := c.write(private + "\n"); err != nil {
		return err
	}
	fmt.Printf("%s holds the private key; browsers are given the public one: %s\n\n", c.File, public)
	fmt.Printf("kind: Sender\nname: push\nspec: {type: webpush, key: %q, contact: %q}\n\n", c.ref(), c.Contact)
	fmt.Println("Keep it: browsers that subscribed with it take pushes by no other key.")
	return nil
}

type dkimCommand struct {
	keyFile
	Selector string `help:"Name of the key in the DNS." default:"restock"`
	Domain   string `help:"Domain that signs: that of the sender's from, or one above it." required:""`
}

// Run makes a key and prints what stands in the DNS for it.
func (c *dkimCommand) Run() error {
	private, record, err := smtp.NewKey()
	if err != nil {
		return err
	}
	if err := c.write(private); err != nil {
		return err
	}
	fmt.Printf("%s holds the private key. Put this into the DNS:\n\n%s._domainkey.%s. IN TXT (", c.File, c.Selector, c.Domain)
	for ; len(record) > txtString; record = record[txtString:] {
		fmt.Printf(" %q", record[:txtString])
	}
	fmt.Printf(" %q )\n\nand this into the sender's document:\n\n", record)
	fmt.Printf("  dkim: {selector: %q, domain: %q, key: %q}\n", c.Selector, c.Domain, c.ref())
	return nil
}

// txtString is how long one string of a TXT record may be, in bytes (RFC 1035, 3.3); receivers join them.
const txtString = 255

type encryptionKeyCommand struct{ keyFile }

// Run makes a key.
func (c *encryptionKeyCommand) Run() error {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	if err := c.write(hex.EncodeToString(key[:]) + "\n"); err != nil {
		return err
	}
	fmt.Printf("%s holds the key. Start nodes with --encryption-key %s, and keep a copy elsewhere: without it what they wrote is lost.\n", c.File, c.ref())
	return nil
}

type linkKeysCommand struct {
	client
	Rotate bool `help:"Make a new one. It seals a day later, when every edge has it; of more than four keys the oldest goes."`
	Drop   bool `help:"Make a new one that seals at once, and let go of all others, since somebody knows them: links in messages that were sent work no more."`
}

// Run lists the keys, after a new one was made if that is asked for.
func (c *linkKeysCommand) Run(ctx context.Context) error {
	method, path := http.MethodGet, "/api/v1/links/keys"
	if c.Rotate || c.Drop {
		method, path = http.MethodPost, fmt.Sprintf("/api/v1/links/rotate?drop=%t", c.Drop)
	}
	var all []console.LinkKeyReport
	if err := c.call(ctx, method, path, nil, &all); err != nil {
		return wrongArgument(err)
	}
	t := newTable()
	_, _ = fmt.Fprintln(t, "KEY\tMADE\tDOES")
	for _, k := range all {
		does := "opens"
		switch {
		case k.Seals:
			does = "opens and seals"
		case k.SealsFrom != "":
			does = "opens, and seals from " + k.SealsFrom
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\n", k.ID, cmp.Or(k.Made, "at the first start"), does)
	}
	return t.Flush()
}
