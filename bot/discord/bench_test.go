package discord

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage/boltdb"
)

// BenchmarkAcknowledge measures how long Discord waits for the first answer to a command while fifty people type one at
// once, each of which takes the bot a tenth of a second and is noted in the store.
func BenchmarkAcknowledge(b *testing.B) {
	g := discordServer.Guild(b)
	town := g.Public("recrutement")
	p, err := New(Options{Token: g.Token, Guild: g.ID, Phrases: bottest.Keys{}, Menu: testMenu, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	store, err := boltdb.Open(b.TempDir() + "/candide.db")
	if err != nil {
		b.Fatal(err)
	}
	routes := bot.NewRoutes()
	routes.Text(func(ctx context.Context, q bot.Request) (bot.Response, error) {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
		return bot.Whisper("entendu : " + q.Text), nil
	})
	runtime := bot.NewRuntime(bot.Options{Store: store, Routes: routes, Phrases: bottest.Keys{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	runtime.Add(p)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, runtime) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		runtime.Close()
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	}()
	g.Connected()

	const people = 50
	var mu sync.Mutex
	var took []time.Duration
	b.ResetTimer()
	for range b.N {
		var wg sync.WaitGroup
		for range people {
			who := g.Member("somebody")
			wg.Go(func() {
				i := who.Command(town, "question", map[string]any{"texte": "c’est payé combien ?"})
				d := i.Acknowledged()
				i.Answer("entendu")
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
			})
		}
		wg.Wait()
	}
	b.StopTimer()
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(int(share*float64(len(took))), len(took)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	if worst := took[len(took)-1]; worst > time.Second {
		b.Errorf("the slowest acknowledgement took %s", worst)
	}
}
