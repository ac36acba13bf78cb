package abi

import "testing"

func TestPack(t *testing.T) {
	tests := []struct {
		ptr, n uint32
		want   uint64
	}{
		{0, 0, 0},
		{0, 7, 7},
		{1, 0, 1 << 32},
		{0x1000, 5, 0x1000_0000_0005},
		{1<<32 - 1, 1<<32 - 1, 1<<64 - 1},
	}
	for _, tt := range tests {
		if got := Pack(tt.ptr, tt.n); got != tt.want {
			t.Errorf("Pack(%#x, %#x) = %#x, want %#x", tt.ptr, tt.n, got, tt.want)
		}
		if ptr, n := Unpack(tt.want); ptr != tt.ptr || n != tt.n {
			t.Errorf("Unpack(%#x) = %#x, %#x, want %#x, %#x", tt.want, ptr, n, tt.ptr, tt.n)
		}
	}
}
