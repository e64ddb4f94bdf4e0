using System.Globalization;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>A report's figures for the console.</summary>
public static class SimulationText
{
    public static void Print(IReadOnlyList<SimulationRun> runs, IReadOnlyList<Mark>? marks, TextWriter to)
    {
        IReadOnlyList<Headroom> headroom = Headroom.Of(runs);
        foreach (var same in runs.GroupBy(r => (r.Variant, r.Load, r.StaleMinutes)))
        {
            Line($"{same.Key.Variant} load {same.Key.Load}, reports {same.Key.StaleMinutes} min old");
            Line($"{"policy",-26} {"signal",-30} {"mean s",8} {"p50",7} {"p95",7} {"p99",7} {"slowdown",9} {"cold %",7} {"rejected",9} {"missed %",9} {"goodput",8} {"Jain",6} recovered of the mean and of p99, %");
            foreach (IGrouping<(string Policy, string Signal), Measures> group in same.GroupBy(r => (r.Policy, r.Signal), r => r.Measures))
            {
                string recovered = string.Join(' ', headroom
                    .Where(h => (h.Policy, h.Signal) == group.Key && (h.Variant, h.Load, h.StaleMinutes) == same.Key)
                    .Select(h => string.Create(CultureInfo.InvariantCulture, $"{h.Recovered * 100:0} [{h.Low * 100:0}, {h.High * 100:0}]")));
                double Mean(Func<Measures, double> read) => group.Average(read);
                Line($"{group.Key.Policy,-26} {group.Key.Signal,-30} {group.Sum(m => m.MeanResponseS * (m.Invocations - m.Rejected)) / Math.Max(1, group.Sum(m => m.Invocations - m.Rejected)),8:0.000} {Mean(m => m.P50),7:0.000} {Mean(m => m.P95),7:0.00} {Mean(m => m.P99),7:0.00} {Mean(m => m.MeanSlowdown),9:0.00} {Mean(m => m.ColdShare) * 100,7:0.00} {group.Sum(m => m.Rejected),9} {Mean(m => m.DeadlineMisses) * 100,9:0.00} {Mean(m => m.GoodputShare),8:0.000} {Mean(m => m.Jain),6:0.000} {recovered}");
            }
            foreach (Headroom h in headroom.Where(h => (h.Policy, h.Signal) == (ExpectedCompletionTimePolicy.PolicyName, Signal.Oracle) && (h.Variant, h.Load, h.StaleMinutes) == same.Key))
                Line($"headroom in {h.Measure}: {h.Share * 100:0.0} %");
        }
        foreach (Mark mark in marks ?? []) Line($"{(mark.Passed ? "passed" : "MISSED")}  {mark.What}: {mark.Measured:0.####} (wanted at {(mark.AtMostWanted ? "most" : "least")} {mark.Wanted:0.###})");

        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }
}
