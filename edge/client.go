package edge

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"

	"github.com/valyala/fasthttp"
)

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

// parseProxies reads addresses and networks in CIDR form.
func parseProxies(list []string) (proxies, error) {
	var all proxies
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(text); err == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("proxies: %q is neither an address nor a network such as 10.0.0.0/8", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

func (p proxies) hold(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// maxForwarded bounds how many addresses of X-Forwarded-For are looked at.
const maxForwarded = 32

// client is who sent the request: the peer, or, when the peer is a proxy that is believed, the first address of
// X-Forwarded-For from the right that is not one. What stands left of that anybody can write.
func (p proxies) client(ctx *fasthttp.RequestCtx) netip.Addr {
	peer := addrOf(ctx.RemoteAddr())
	if len(p) == 0 || !p.hold(peer) {
		return peer
	}
	client := peer
	header := bytes.Join(ctx.Request.Header.PeekAll(fasthttp.HeaderXForwardedFor), []byte(","))
	for range maxForwarded {
		if len(header) == 0 {
			break
		}
		cut := bytes.LastIndexByte(header, ',')
		a, err := parseForwarded(string(bytes.TrimSpace(header[cut+1:])))
		if err != nil {
			break // no address: whoever wrote it, believe nothing beyond
		}
		client = a.Unmap().WithZone("") // a zone is any text, and means nothing elsewhere
		if !p.hold(client) {
			break
		}
		header = header[:max(cut, 0)]
	}
	return client
}

// parseForwarded reads an address; some gateways write its port as well.
func parseForwarded(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err == nil {
		return a, nil
	}
	p, err := netip.ParseAddrPort(s)
	return p.Addr(), err
}

func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ip, _ := netip.AddrFromSlice(tcp.IP)
		return ip.Unmap()
	}
	if p, err := netip.ParseAddrPort(a.String()); err == nil {
		return p.Addr().Unmap()
	}
	return netip.Addr{}
}

// limitKey is what a client is limited by: its IPv4 address, or the /64 that an IPv6 subscriber has to itself. A peer on
// loopback that no setting names as a proxy is one nevertheless, whose clients we cannot tell apart: it is not limited.
func limitKey(client netip.Addr) (key [16]byte, ok bool) {
	if !client.IsValid() || client.IsLoopback() {
		return key, false
	}
	if client.Is4() {
		a := client.As4()
		copy(key[:], a[:])
		return key, true
	}
	a := client.As16()
	copy(key[:8], a[:8])
	key[15] = 6 // no IPv4 address ends like this
	return key, true
}
