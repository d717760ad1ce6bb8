package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimited is how many visitors or addresses one limiter remembers.
const maxLimited = 20_000

// limits are the page's three limiters: what a visitor sends, what an address sends, what an address reads.
type limits struct {
	visitor, client, reader *limiter
}

// limiter limits each key apart. It keeps two generations of keys and drops the older when the newer is full, so
// that it is bounded without looking for the oldest.
type limiter struct {
	limit rate.Limit
	burst int

	mu       sync.Mutex
	new, old map[string]*rate.Limiter
}

func newLimiter(l Limits) *limiter {
	return &limiter{limit: rate.Every(l.Every), burst: l.Burst, new: map[string]*rate.Limiter{}}
}

// wait returns how long key must wait before it may go on; 0: it may now, and that counts.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.new[key]
	if !ok {
		if bucket, ok = l.old[key]; !ok {
			bucket = rate.NewLimiter(l.limit, l.burst)
		}
		if len(l.new) >= maxLimited/2 {
			l.new, l.old = map[string]*rate.Limiter{}, l.new
		}
		l.new[key] = bucket
	}
	turn := bucket.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if delay > 0 {
		turn.CancelAt(now)
	}
	return delay
}

// client is the network address that a request comes from: of an IPv6 address the network that one subscriber gets.
// Behind trusted proxies, it is the last address that they did not add themselves.
func (p *Platform) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && p.trusted(addr); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		addr = before
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		network, err := addr.Prefix(64)
		if err == nil {
			return network.String()
		}
	}
	return addr.String()
}

func (p *Platform) trusted(addr netip.Addr) bool {
	for _, proxy := range p.o.Proxies {
		if proxy.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
