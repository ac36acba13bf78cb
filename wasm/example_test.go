package wasm_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"restock/wasm"
)

func Example() {
	ctx := context.Background()
	host, err := wasm.New(ctx, wasm.Config{
		ImportModule:    "host1",
		Section:         "about",
		BufferExport:    "buffer",
		ConfigureExport: "configure",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close(ctx)

	code, err := os.ReadFile("testdata/hostile.wasm")
	if err != nil {
		log.Fatal(err)
	}
	module, err := host.Load(ctx, code)
	if err != nil {
		log.Fatal(err) // says what is wrong with the module
	}
	guest, err := module.Boot(ctx, []byte("its configuration"))
	if err != nil {
		log.Fatal(err)
	}

	output, err := guest.Call(ctx, "echo", []byte("hello"))
	fmt.Printf("%s, %v\n", output, err)
	_, err = guest.Call(ctx, "give_up", []byte("this is no order"))
	fmt.Println(err)
	// Output:
	// hello, <nil>
	// trapped: fail(42): this is no order
}
