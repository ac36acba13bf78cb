package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"go.yaml.in/yaml/v3"

	"restock/core"
	"restock/core/console"
)

// templateCommand is what an operator may do with templates.
type templateCommand struct {
	List    templatesCommand    `cmd:"" help:"List templates, those that are ready-made as well."`
	Show    showTemplateCommand `cmd:"" help:"Print a template as a file to edit and to apply."`
	Preview previewCommand      `cmd:"" help:"Show a message as it would be sent."`
	Send    sendTestCommand     `cmd:"" help:"Send a message to an address, marked as a test."`
}

type templatesCommand struct {
	client
	Workspace string `help:"Their workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run lists templates.
func (c *templatesCommand) Run(ctx context.Context) error {
	var all []console.TemplateReport
	if err := c.call(ctx, http.MethodGet, "/api/v1/templates?workspace="+url.QueryEscape(c.Workspace), nil, &all); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(all)
	}
	t := newTable()
	_, _ = fmt.Fprintln(t, "NAME\tIS\tFOR\tLANGUAGES\tUSED BY")
	for _, r := range all {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Name, originWords(r.Origin), joined(r.Channels), strings.Join(r.Locales, " "), strings.Join(r.UsedBy, ", "))
	}
	return t.Flush()
}

func originWords(origin string) string {
	switch origin {
	case "ready_made":
		return "ready-made"
	case "changed":
		return "your own, in place of a ready-made one"
	}
	return "your own"
}

func joined(channels []core.Channel) string {
	words := make([]string, len(channels))
	for i, ch := range channels {
		words[i] = string(ch)
	}
	return strings.Join(words, " ")
}

type showTemplateCommand struct {
	client
	Name      string `arg:"" help:"The template's name."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run prints the template as a document that apply takes.
func (c *showTemplateCommand) Run(ctx context.Context) error {
	var s console.TemplateSource
	path := fmt.Sprintf("/api/v1/templates/%s?workspace=%s", url.PathEscape(c.Name), url.QueryEscape(c.Workspace))
	if err := c.call(ctx, http.MethodGet, path, nil, &s); err != nil {
		return wrongArgument(err)
	}
	document := templateDocument{Kind: "Template", Name: string(s.Name), Spec: specOf(s)}
	if c.Workspace != "default" {
		document.Workspace = c.Workspace
	}
	b, err := yaml.Marshal(document)
	if err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	_, err = os.Stdout.Write(b)
	return err
}

// templateDocument is a template as files have it.
type templateDocument struct {
	Kind      string       `yaml:"kind"`
	Name      string       `yaml:"name"`
	Workspace string       `yaml:"workspace,omitempty"`
	Spec      templateSpec `yaml:"spec"`
}

type templateSpec struct {
	Title         string `yaml:"title,omitempty"`
	Locale        string `yaml:"locale,omitempty"`
	templateWords `yaml:",inline"`
	Locales       map[string]*templateWords `yaml:"locales,omitempty"`
}

type templateWords struct {
	Subject   string        `yaml:"subject,omitempty"`
	Preheader string        `yaml:"preheader,omitempty"`
	HTML      string        `yaml:"html,omitempty"`
	Text      string        `yaml:"text,omitempty"`
	SMS       string        `yaml:"sms,omitempty"`
	Push      *templatePush `yaml:"push,omitempty"`
}

type templatePush struct {
	Title string `yaml:"title,omitempty"`
	Text  string `yaml:"text,omitempty"`
	Icon  string `yaml:"icon,omitempty"`
}

func specOf(s console.TemplateSource) templateSpec {
	spec := templateSpec{Title: s.Title, Locales: map[string]*templateWords{}}
	for _, p := range s.Parts {
		into := &spec.templateWords
		if p.Own {
			spec.Locale = p.Locale
		} else {
			if spec.Locales[p.Locale] == nil {
				spec.Locales[p.Locale] = &templateWords{}
			}
			into = spec.Locales[p.Locale]
		}
		switch p.Channel {
		case core.Email:
			into.Subject, into.Preheader, into.HTML, into.Text = p.Subject, p.Preheader, p.HTML, p.Text
		case core.SMS:
			into.SMS = p.Text
		case core.Push:
			into.Push = &templatePush{p.Subject, p.Text, p.Icon}
		}
	}
	return spec
}

// which says what is previewed or sent.
type which struct {
	Name      string `arg:"" optional:"" help:"The template's name."`
	Journey   string `help:"Instead of a template: what this journey or playbook sends." placeholder:"NAME"`
	Shape     string `help:"The journey's shape; may be left out where only one sends." placeholder:"NAME"`
	Broadcast string `help:"Instead of a template: what this broadcast sends." placeholder:"NAME"`
	Channel   string `help:"email, sms or push, of a template that has several." placeholder:"CHANNEL"`
	Locale    string `help:"Language, such as de or fr-CA; the contact's, if left out." placeholder:"TAG"`
	Contact   string `help:"Address of a contact to write it to, about what occurred to it last; made up, if left out." placeholder:"ADDRESS"`
	Workspace string `help:"Its workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

func (w which) query() console.TemplateQuery {
	return console.TemplateQuery{Template: core.Name(w.Name), Journey: core.Name(w.Journey), Shape: w.Shape, Broadcast: core.Name(w.Broadcast),
		Channel: core.Channel(w.Channel), Locale: w.Locale, Contact: w.Contact}
}

type previewCommand struct {
	client
	which
	Out  string `help:"Write the HTML to this file." placeholder:"FILE" type:"path"`
	Open bool   `help:"Open the HTML in your browser."`
}

// Run prints the message, or writes its HTML to a file.
func (c *previewCommand) Run(ctx context.Context) error {
	var p console.Preview
	if err := c.call(ctx, http.MethodPost, "/api/v1/templates/preview?workspace="+url.QueryEscape(c.Workspace), c.query(), &p); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(p)
	}
	printPreview(p)
	return c.writeHTML(ctx, p)
}

func printPreview(p console.Preview) {
	subject := "Subject"
	if p.Channel == core.Push {
		subject = "Title"
	}
	for _, line := range [][2]string{{"About", p.About}, {"Language", p.Locale}, {subject, p.Subject}, {"Preheader", p.Preheader}, {"Leads to", p.URL}, {"Icon", p.Icon}} {
		if line[1] != "" {
			fmt.Printf("%s: %s\n", line[0], line[1])
		}
	}
	if p.Encoding != "" {
		fmt.Printf("SMS: %d characters, %s, sent and paid for as %d\n", p.Characters, p.Encoding, p.Segments)
	}
	fmt.Printf("\n%s\n", strings.TrimRight(p.Text, "\n"))
}

// writeHTML writes the HTML to the file that was asked for, and shows it.
func (c *previewCommand) writeHTML(ctx context.Context, p console.Preview) error {
	if c.Out == "" && !c.Open {
		return nil
	}
	if p.HTML == "" {
		return fmt.Errorf("%w: a message by %s has no HTML to write", ErrSettings, p.Channel)
	}
	out := c.Out
	if out == "" {
		dir, err := os.MkdirTemp("", "restock-preview-")
		if err != nil {
			return fmt.Errorf("writing the preview: %w", err)
		}
		out = filepath.Join(dir, "message.html")
	}
	if err := os.WriteFile(out, []byte(p.HTML), 0o600); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	fmt.Printf("\nHTML: %s\n", out)
	if !c.Open {
		return nil
	}
	if err := exec.CommandContext(ctx, opener(), out).Run(); err != nil { //nolint:gosec // a fixed program, and a file that was just written
		return fmt.Errorf("opening the preview: %w; it lies at %s", err, out)
	}
	return nil
}

// opener is the program that shows a file as the desktop does.
func opener() string {
	switch runtime.GOOS {
	case "darwin":
		return "open"
	case "windows":
		return "explorer"
	}
	return "xdg-open"
}

type sendTestCommand struct {
	client
	which
	To     string `required:"" help:"Address that it goes to." placeholder:"ADDRESS"`
	Sender string `help:"Sender that it goes by; the shape's, if left out." placeholder:"NAME"`
}

// Run sends the message and says what the provider said.
func (c *sendTestCommand) Run(ctx context.Context) error {
	q := c.query()
	q.To, q.Sender = c.To, core.Name(c.Sender)
	var r console.TestReport
	if err := c.call(ctx, http.MethodPost, "/api/v1/templates/send?workspace="+url.QueryEscape(c.Workspace), q, &r); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(r)
	}
	fmt.Printf("%s: %s", r.Outcome, r.Reason)
	if r.Detail != "" {
		fmt.Printf(" (%s)", r.Detail)
	}
	fmt.Println()
	if r.Outcome != core.OutcomeAccepted {
		return fmt.Errorf("the provider did not take the test")
	}
	return nil
}
