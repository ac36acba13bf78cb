package cli

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"restock/core/console"
)

// show prints one journey, shape by shape.
func (c *journeysCommand) show(ctx context.Context) error {
	var d console.JourneyDetail
	if err := c.call(ctx, "GET", "/api/v1/journeys/"+url.PathEscape(c.Name)+"?workspace="+url.QueryEscape(c.Workspace), nil, &d); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(d)
	}
	printJourney(d)
	return nil
}

func printJourney(d console.JourneyDetail) {
	state := "off"
	if d.On {
		state = "on"
	}
	fmt.Printf("%s (%s) is %s, version %d\n", d.Name, d.Title, state, d.Version)
	if about := aboutJourney(d.JourneyReport); about != d.Title {
		fmt.Println(about)
	}
	fmt.Printf("entered by %s", d.Occurs)
	if d.Where != "" {
		fmt.Printf(" where %s", d.Where)
	}
	fmt.Println()
	for _, r := range d.Rules {
		fmt.Println(r)
	}
	fmt.Printf("%d entered, %d inside", d.Entered, d.Inside)
	for _, e := range d.Ended {
		fmt.Printf(", %d %s", e.Runs, e.Reason)
	}
	fmt.Println()
	t := newTable()
	_, _ = fmt.Fprintln(t, "SHAPE\tSTANDING\tCAME\tKIND\tDOES\tPATHS")
	for _, s := range d.Each {
		does := strings.Join(append([]string{s.Does}, s.Controls...), "; ")
		if s.Paused {
			does = "PAUSED; " + does
		}
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\n", s.Name, s.Standing, s.Came, s.Kind, does, pathsOf(s))
	}
	_ = t.Flush()
}

func pathsOf(s console.ShapeReport) string {
	all := make([]string, len(s.Paths))
	for i, p := range s.Paths {
		all[i] = strings.TrimSpace(p.Label + " → " + p.To)
	}
	return strings.Join(all, ", ")
}

// directCommand says a word about a shape; which one is the command's own name.
type directCommand struct {
	client
	Name      string `arg:"" help:"The journey's or playbook's name."`
	Shape     string `arg:"" help:"The shape's name."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run says it, and prints the journey.
func (c *directCommand) Run(ctx context.Context, command commandPath) error {
	verb := strings.Fields(string(command))[1]
	path := fmt.Sprintf("/api/v1/journeys/%s/shapes/%s/%s?workspace=%s", url.PathEscape(c.Name), url.PathEscape(c.Shape), verb, url.QueryEscape(c.Workspace))
	var d console.JourneyDetail
	if err := c.call(ctx, "POST", path, nil, &d); err != nil {
		return err
	}
	printJourney(d)
	return nil
}
