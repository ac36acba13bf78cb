package edge

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

var timingRequests = flag.Int("timing.requests", 2000, "how many captures TestAnswerTimes times; from 100000 on it judges")

// Kinds of capture that must look alike from outside.
var timingKinds = []string{"new", "repeated", "limited", "trapped"}

// timed is one answer.
type timed struct {
	kind int
	took time.Duration
}

// TestAnswerTimes: by the time that an answer takes nobody learns whether an address was there before, is limited or
// trapped. For each kind against the new ones it gives the probability that one of it took longer (Mann-Whitney): one half
// when they cannot be told apart.
func TestAnswerTimes(t *testing.T) {
	n, address := listenEdge(t)
	n.addresses = newLimiter(1, time.Hour) // the second capture of an address is limited
	const clients = 8
	var mu sync.Mutex
	var all []timed
	var running sync.WaitGroup
	for c := range clients {
		running.Go(func() {
			mine := timeAnswers(t, address, c, *timingRequests/clients)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	running.Wait()
	for kind := 1; kind < len(timingKinds); kind++ {
		p, sigma := longer(all, kind)
		t.Logf("%s against new: one of it took longer with probability %.4f (chance: 0.5 +/- %.4f), %d answers in all", timingKinds[kind], p, sigma, len(all))
		if *timingRequests >= 100_000 && math.Abs(p-0.5) > max(4*sigma, 0.01) {
			t.Errorf("%s can be told from new", timingKinds[kind])
		}
	}
}

// timeAnswers asks over one connection, kinds at random.
func timeAnswers(t *testing.T, address string, client, requests int) (all []timed) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer func() { _ = conn.Close() }()
	r, random := bufio.NewReader(conn), rand.New(rand.NewPCG(uint64(client), 7))
	var answer fasthttp.Response
	for n := range requests {
		kind := random.IntN(len(timingKinds))
		begin := time.Now()
		if _, err = conn.Write(timingRequest(kind, client, n)); err == nil {
			err = answer.Read(r)
		}
		took := time.Since(begin)
		if err != nil || answer.StatusCode() != fasthttp.StatusAccepted || string(answer.Body()) != `{"result":"waiting"}` {
			t.Errorf("%s: answered %d %s, %v", timingKinds[kind], answer.StatusCode(), answer.Body(), err)
			return all
		}
		if n > requests/10 { // the first warm up
			all = append(all, timed{kind, took})
		}
	}
	return all
}

func timingRequest(kind, client, n int) []byte {
	email, website := fmt.Sprintf("new%d.%07d@example.com", client, n), ""
	switch timingKinds[kind] {
	case "repeated": // another one each hundred requests: known, and seldom enough not to be limited for long
		email = fmt.Sprintf("rep%d.%07d@example.com", client, n/100)
	case "limited":
		email = fmt.Sprintf("lim%d.%07d@example.com", client, 0)
	case "trapped":
		website = "x"
	}
	body := fmt.Sprintf(`{"source":"shop","variant":"1001","email":%q,"website":%q,"page":"https://shop.example/p"}`, email, website)
	return fmt.Appendf(nil, "POST /v1/captures HTTP/1.1\r\nHost: e\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// longer is the probability that an answer of a kind took longer than one to a new capture, and the standard deviation
// that chance gives it: the area under the curve, from the sum of ranks, ties shared.
func longer(all []timed, kind int) (p, sigma float64) {
	of := slices.DeleteFunc(slices.Clone(all), func(a timed) bool { return a.kind != 0 && a.kind != kind })
	slices.SortFunc(of, func(a, b timed) int { return cmp.Compare(a.took, b.took) })
	var ranks float64
	n := [2]float64{}
	for i := 0; i < len(of); {
		j := i
		for j < len(of) && of[j].took == of[i].took {
			j++
		}
		for _, a := range of[i:j] {
			if a.kind == kind {
				ranks += float64(i+j+1) / 2
				n[1]++
			} else {
				n[0]++
			}
		}
		i = j
	}
	if n[0] == 0 || n[1] == 0 {
		return 0.5, 0.5
	}
	return (ranks - n[1]*(n[1]+1)/2) / (n[0] * n[1]), math.Sqrt((n[0] + n[1] + 1) / (12 * n[0] * n[1]))
}
