package edge

import "testing"

// TestPushEndpoints: the core posts to what stands in a capture, so nothing on its own network may be meant by it.
func TestPushEndpoints(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc:def":                true,
		"https://updates.push.services.mozilla.com/wpush/v2/gAAAA":   true,
		"https://web.push.apple.com/QGuQ":                            true,
		"https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2f": true,
		"https://Push.Example.com/1":                                 true,
		"https://127.0.0.1/":                                         false,
		"https://127.0.0.1./":                                        false, // an address to some resolvers
		"https://127.1/":                                             false, // inet_aton(3)
		"https://0x7f.0.0.1/":                                        false,
		"https://0x7f.0x1/":                                          false,
		"https://0177.0.0.1/":                                        false,
		"https://2130706433/":                                        false,
		"https://\uff11\uff12\uff17.0.0.1/":                          false, // full-width digits
		"https://[::1]/":                                             false,
		"https://[::ffff:127.0.0.1]/":                                false,
		"https://localhost/":                                         false,
		"https://push.localhost/":                                    false,
		"https://localhost.localdomain/":                             false,
		"https://metadata.google.internal/computeMetadata/v1/":       false,
		"https://api.default.svc.cluster.local/":                     false,
		"https://printer.home.arpa/":                                 false,
		"https://a..example.com/":                                    false,
		"https://push.example.com./":                                 false,
		"https://push.example.com:443/":                              false,
		"https://push.example.com:/":                                 false,
		"https://push_.example.com/":                                 false,
		"https://ann@push.example.com/":                              false,
		"http://push.example.com/":                                   false,
		"//push.example.com/":                                        false,
		"https:///":                                                  false,
		"https:push.example.com":                                     false,
		"":                                                           false,
	} {
		if got := pushEndpoint(endpoint); got != want {
			t.Errorf("%s: %t", endpoint, got)
		}
	}
}
