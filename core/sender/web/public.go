package web

import "net/netip"

// notPublic are the blocks that lie within what may be public, and are not (IANA's registries of special-purpose IPv4 and
// IPv6 addresses). Private, loopback and link-local ones are known to package netip.
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network
		netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers; clouds answer there as well
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, withdrawn
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and the broadcast
		netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them, which hides an IPv4 address
		netip.MustParsePrefix("2001:db8::/32"),   // documentation
		netip.MustParsePrefix("2002::/16"),       // 6to4, which hides an IPv4 address
		netip.MustParsePrefix("3fff::/20"),       // documentation
	}
}

// Public says whether an IP address is one of the internet. Of IPv6 that is 2000::/3, and what a translator on an IPv6-only
// network makes of a public IPv4 address (64:ff9b::/96; RFC 6052). What is no address is not public.
func Public(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" {
		return false
	}
	ip = translated(ip.Unmap())
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, p := range notPublic() {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// translated is the IPv4 address that a translator's stands for, or the address itself.
func translated(ip netip.Addr) netip.Addr {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(ip) {
		return ip
	}
	b := ip.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}
