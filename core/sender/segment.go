package sender

import (
	"strings"
	"unicode/utf16"
)

// Encoding is how an SMS is written on the air.
type Encoding string

// The encodings: the alphabet that phones share (3GPP TS 23.038, section 6.2.1), seven bits a character, and UCS-2, which one
// character beyond that alphabet turns the whole message into.
const (
	GSM7 Encoding = "GSM-7"
	UCS2 Encoding = "UCS-2"
)

// Room of a segment, in septets and in UTF-16 units: of a message that is one segment, and of one that is several, each
// of which then has a header of six bytes (3GPP TS 23.040, section 9.2.3.24.1).
const (
	gsmAlone  = 160
	gsmJoined = 153
	ucsAlone  = 70
	ucsJoined = 67
)

// The shared alphabet: characters of one septet, and those of two, which stand behind an escape.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// Segments is how many SMS a text is sent as, each of which is paid for, and in which encoding; 0 for no text.
func Segments(text string) (n int, e Encoding) {
	sizes, e := sizesOf(text)
	alone, joined := gsmAlone, gsmJoined
	if e == UCS2 {
		alone, joined = ucsAlone, ucsJoined
	}
	total := 0
	for _, size := range sizes {
		total += size
	}
	switch {
	case total == 0:
		return 0, e
	case total <= alone:
		return 1, e
	}
	return fill(sizes, joined), e
}

// sizesOf are the characters' sizes, in the units of the encoding that the text needs.
func sizesOf(text string) (sizes []int, e Encoding) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			sizes = append(sizes, 1)
		case strings.ContainsRune(gsmExtended, r):
			sizes = append(sizes, 2)
		default:
			return wideSizes(text), UCS2
		}
	}
	return sizes, GSM7
}

func wideSizes(text string) (sizes []int) {
	for _, r := range text {
		sizes = append(sizes, utf16.RuneLen(r))
	}
	return sizes
}

// fill counts segments. A character of two units is never cut: where only one is left, it begins the next segment.
func fill(sizes []int, room int) (segments int) {
	left := 0
	for _, size := range sizes {
		if size > left {
			segments, left = segments+1, room
		}
		left -= size
	}
	return segments
}
