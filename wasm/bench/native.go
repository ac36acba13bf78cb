package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/google/cel-go/cel"
	"restock/core/hook"
	"restock/core/pack"
)

// contender is one way to judge a contact.
type contender struct {
	name string
	// begin makes what the way needs; it is not measured. ask judges one contact; end gives everything back.
	begin func() (ask func(c *hook.Context) (bool, error), end func(), err error)
}

// simple is a contender that has nothing to give back.
func simple(name string, begin func() (func(c *hook.Context) (bool, error), error)) contender {
	return contender{name, func() (func(c *hook.Context) (bool, error), func(), error) {
		ask, err := begin()
		return ask, func() {}, err
	}}
}

func peers(ctx context.Context) []contender {
	return append([]contender{
		simple("native Go on the struct", nativeStruct),
		simple("native Go on msgpack, encoding included", nativeBytes),
		simple("CEL, its map made per contact", func() (func(*hook.Context) (bool, error), error) { return celAsk() }),
		simple("CEL with a cost limit, likewise", func() (func(*hook.Context) (bool, error), error) { return celAsk(cel.CostLimit(1000)) }),
		simple("expr, on a struct", exprAsk),
	}, extisms(ctx)...)
}

// judge is the condition in Go.
func judge(now int64, sku string, told int64, country string, list []string) bool {
	return sku == wantedSKU && now-told >= window && slices.Contains(list, country)
}

func nativeStruct() (func(*hook.Context) (bool, error), error) {
	list := countries()
	return func(c *hook.Context) (bool, error) {
		return judge(int64(c.Now), c.Variant.SKU, int64(c.Activity.AskedAt), c.Contact.Region, list), nil
	}, nil
}

func projection() (hook.Projection, error) {
	return hook.NewProjection(hook.Manifest{Kind: hook.KindCondition, Name: "bench", Version: "1", Reads: reads()})
}

func nativeBytes() (func(*hook.Context) (bool, error), error) {
	p, err := projection()
	list, buffer := countries(), make([]byte, 0, 256)
	return func(c *hook.Context) (bool, error) {
		buffer = p.Append(buffer[:0], c)
		r := pack.NewReader(buffer)
		r.Array(4)
		now, sku, told, country := r.Int(), r.Text(64), r.Int(), r.Text(8)
		return judge(now, sku, told, country, list), r.End()
	}, err
}

func celAsk(options ...cel.ProgramOption) (func(*hook.Context) (bool, error), error) {
	env, err := cel.NewEnv(cel.Variable("now", cel.IntType), cel.Variable("sku", cel.StringType),
		cel.Variable("told", cel.IntType), cel.Variable("country", cel.StringType))
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(fmt.Sprintf(`sku == %q && now - told >= %d && country in ["AT", "BE", "CH", "DE", "NL"]`, wantedSKU, int64(window)))
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast, append(options, cel.EvalOptions(cel.OptOptimize))...)
	return func(c *hook.Context) (bool, error) {
		v, _, err := program.Eval(map[string]any{
			"now": int64(c.Now), "sku": c.Variant.SKU, "told": int64(c.Activity.AskedAt), "country": c.Contact.Region,
		})
		if err != nil {
			return false, err
		}
		return v.Value().(bool), nil
	}, err
}

// exprCase is what expr's program reads.
type exprCase struct {
	Now     int64
	SKU     string
	Told    int64
	Country string
}

var errNoBool = errors.New("expr's answer is no bool")

func exprAsk() (func(*hook.Context) (bool, error), error) {
	program, err := expr.Compile(fmt.Sprintf(`SKU == %q && Now - Told >= %d && Country in ["AT", "BE", "CH", "DE", "NL"]`, wantedSKU, int64(window)),
		expr.Env(exprCase{}), expr.AsBool())
	if err != nil {
		return nil, err
	}
	var machine vm.VM
	return func(c *hook.Context) (bool, error) {
		v, err := machine.Run(program, exprCase{int64(c.Now), c.Variant.SKU, int64(c.Activity.AskedAt), c.Contact.Region})
		pass, ok := v.(bool)
		if err == nil && !ok {
			err = errNoBool
		}
		return pass, err
	}, nil
}
