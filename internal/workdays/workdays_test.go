package workdays_test

import (
	"testing"
	"time"

	"candide/internal/workdays"
)

func TestOnOrBefore(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{
		"2020-11-16": "2020-11-16", // a Monday
		"2020-11-15": "2020-11-13", // a Sunday
		"2020-11-11": "2020-11-10", // Armistice
		"2021-05-13": "2021-05-12", // Ascension
		"2021-04-05": "2021-04-02", // Easter Monday, back over the weekend
		"2022-01-01": "2021-12-31", // a Saturday besides
		"2020-12-26": "2020-12-24", // a Saturday; Alsace's holiday is not the whole country's
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", day+" 08:30", paris)
		if err != nil {
			t.Fatal(err)
		}
		c := workdays.New()
		got := c.OnOrBefore(at)
		if got.Format("2006-01-02 15:04") != want+" 08:30" || !c.Is(got) || c.Is(at) != (day == want) {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func TestOnOrAfter(t *testing.T) {
	for day, want := range map[string]string{
		"2020-11-16": "2020-11-16", // a Monday
		"2020-11-14": "2020-11-16", // a Saturday
		"2021-04-03": "2021-04-06", // the Saturday before Easter
		"2021-12-31": "2021-12-31",
		"2022-01-01": "2022-01-03",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		c := workdays.New()
		if got := c.OnOrAfter(at).Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}
