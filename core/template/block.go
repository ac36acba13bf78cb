package template

import (
	"errors"
	"fmt"
	"strings"

	"github.com/osteele/liquid/render"
)

// blockTag is how a template places the back-in-stock block:
//
//	{% back_in_stock button: "Buy now", image: true, price: true %}
//
// All options may be left out. The commas may too.
const blockTag = "back_in_stock"

// maxButton bounds the button's label in characters: it must stay on one line of a phone.
const maxButton = 40

// blockOptions are what a block is configured with.
type blockOptions struct {
	button string
	image  bool
	price  bool
}

// parseBlock reads the inside of the tag. Its values are literals: what a block looks like does not depend on data.
func parseBlock(args string) (blockOptions, error) {
	o := blockOptions{button: "Buy now", image: true, price: true}
	tokens, err := lex(inside(args))
	if err != nil {
		return o, err
	}
	for i := 0; i < len(tokens); i += 2 {
		if tokens[i].is(",") && i > 0 {
			i++
		}
		if i+1 >= len(tokens) || tokens[i].kind != tokenKeyword {
			return o, errors.New(`options are written as button: "Buy now", image: false, price: false`)
		}
		if err := o.set(tokens[i].text, tokens[i+1]); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (o *blockOptions) set(name string, v token) (err error) {
	switch name {
	case "button":
		o.button = strings.TrimSpace(v.text)
		if v.kind != tokenString || o.button == "" || len([]rune(o.button)) > maxButton {
			return fmt.Errorf("button takes a text in quotes of 1 to %d characters", maxButton)
		}
	case "image":
		o.image, err = boolean(name, v)
	case "price":
		o.price, err = boolean(name, v)
	default:
		return fmt.Errorf("there is no option %q; there are button, image, price", name)
	}
	return err
}

func boolean(name string, v token) (bool, error) {
	if v.kind != tokenName || v.text != "true" && v.text != "false" {
		return false, fmt.Errorf("%s takes true or false", name)
	}
	return v.text == "true", nil
}

// renderBlock shows the item; of one whose title is not known the button alone. With nothing to show the mail does not go out.
func renderBlock(ctx render.Context, html bool) (string, error) {
	r, err := runOf(ctx)
	if err != nil {
		return "", err
	}
	o, err := parseBlock(ctx.TagArgs())
	if err != nil {
		return "", err
	}
	it, ok := r.data.item()
	if !ok {
		return "", errors.New("it has nothing to show: neither a title nor a page to lead to is known")
	}
	r.shown = it.Title != ""
	if html {
		return blockHTML(it, o, r.data.locale)
	}
	return blockText(it, o, r.data.locale), nil
}

// blockView is what layout/block.html is executed with.
type blockView struct {
	Title, Choice, Price, URL, Image, Alt, Button string
}

func blockHTML(it Item, o blockOptions, locale string) (string, error) {
	v := blockView{Title: it.Title, Choice: it.Choice, URL: safeURL(it.URL), Alt: it.Title, Button: o.button}
	if it.Choice != "" {
		v.Alt += ", " + it.Choice
	}
	if o.image {
		v.Image = safeURL(it.Image)
	}
	if o.price {
		v.Price = formatMoney(it.Price, locale)
	}
	return executeLayout("block.html", v)
}

// blockText is the block of the text part: title, choice, price and URL on their lines.
func blockText(it Item, o blockOptions, locale string) string {
	lines := []string{it.Title, it.Choice}
	if o.price {
		lines = append(lines, formatMoney(it.Price, locale))
	}
	if u := safeURL(it.URL); u != "" {
		lines = append(lines, o.button+": "+u)
	}
	var b strings.Builder
	for _, l := range lines {
		if l != "" {
			b.WriteString(l + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
