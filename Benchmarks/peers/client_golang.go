// client_golang around series that a benchmark updates.  usage: client_golang gauges|histograms COUNT PORT
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func main() {
	kind, port := os.Args[1], os.Args[3]
	count, _ := strconv.Atoi(os.Args[2])
	labels := []string{"run", "split", "metric"}
	registry := prometheus.NewRegistry()
	before := cpuSeconds()
	var update func(step int)
	if kind == "gauges" {
		family := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ml_train_value", Help: "Last value."}, labels)
		registry.MustRegister(family)
		children := make([]prometheus.Gauge, count)
		for i := range children {
			children[i] = family.WithLabelValues(fmt.Sprint("run_", i/10), "train", fmt.Sprint("metric_", i%10))
		}
		update = func(step int) {
			for i, child := range children {
				child.Set(float64((i+step)*7919%1000003) / 1e6)
			}
		}
	} else {
		family := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "ml_step_seconds", Help: "Step time.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}, labels)
		registry.MustRegister(family)
		children := make([]prometheus.Observer, count)
		for i := range children {
			children[i] = family.WithLabelValues(fmt.Sprint("run_", i/10), "train", fmt.Sprint("metric_", i%10))
		}
		update = func(step int) {
			for i, child := range children {
				child.Observe(float64((i+step)*7919%1000003) / 3e5)
			}
		}
	}
	update(0)
	registered := cpuSeconds() - before
	runtime.GC()
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	go http.ListenAndServe("127.0.0.1:"+port, nil)
	fmt.Println("registered", registered)
	input := bufio.NewScanner(os.Stdin)
	for step := 1; input.Scan(); step++ {
		update(step)
		fmt.Println("done")
	}
}
