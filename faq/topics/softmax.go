package topics

import "math"

// negligible is the difference of logits from which a probability is nothing beside the highest: some millionths.
const negligible = 12

// expSteps is how many steps a table of exponentials has in one.
const expSteps = 64

// expTable ends with nothing, for all that is negligible.
var expTable = func() (t [negligible*expSteps + 1]float64) {
	for i := range len(t) - 1 {
		t[i] = math.Exp(-float64(i) / expSteps)
	}
	return t
}()

// exp is math.Exp(-x), for x from 0 on, right to nine digits and several times as quick; nothing from negligible on.
// Products are rounded before they are added, so that all machines agree.
func exp(x float64) float64 {
	// Numbers that are not under nothing are in the same order as their bits, which are compared without a branch.
	x = math.Float64frombits(min(math.Float64bits(x), negligibleBits))
	step := int(x * expSteps)
	rest := x - float64(step)*(1.0/expSteps)
	return expTable[step] * (1 - float64(rest*(1-float64(rest*(0.5-float64(rest*(1.0/6-float64(rest*(1.0/24)))))))))
}

var negligibleBits = math.Float64bits(negligible)

// Softmax turns logits into probabilities, in place.
func Softmax(p []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range p {
		if v > top {
			top = v
		}
	}
	for i, v := range p {
		p[i] = exp(top - v)
		sum += p[i]
	}
	scale := 1 / sum
	for i := range p {
		p[i] *= scale
	}
}
