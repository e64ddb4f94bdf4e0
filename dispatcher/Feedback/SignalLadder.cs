using System.Globalization;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Feedback;

/// <summary>
/// Which signals are to be believed, by how well each foretold the speed of completed calls. A signal that does worse than a simpler one is
/// stepped down from, fleet-wide, and taken up again when it is the better one again.
/// <code>
///   network + feedback ─► last value + feedback ─► feedback alone ─► in-flight and warm only
///         prediction            last utilisation         feedback         in-flight and warm
/// </code>
/// </summary>
public sealed class SignalLadder
{
    /// <summary>Steps kept for whoever asks.</summary>
    public const int StepsKept = 256;

    /// <summary>Pace at which errors fade, milliseconds: two steps of five minutes, since what is wrong with a VM is wrong for a step.</summary>
    private const double FadeMs = 600_000;

    /// <summary>Fewer completions say nothing.</summary>
    private const double Least = 500;

    /// <summary>A step down needs a lead, so that two equal signals do not alternate: a tenth, and a little where both are good.</summary>
    private const double DownLead = 1.1, DownMargin = .0005;

    private static readonly int Rungs = Enum.GetValues<SignalRung>().Length;

    private readonly double[] error = new double[Rungs];
    private readonly double[] simpler = new double[Rungs];
    private readonly double[] compared = new double[Rungs];
    private readonly long[] comparedMs = new long[Rungs];
    private readonly bool[] trusted = [.. Enumerable.Repeat(true, Rungs)];
    private readonly Queue<LadderStep> steps = new();

    /// <summary>Told of every step, down and up.</summary>
    public Action<LadderStep>? Stepped { get; set; }

    /// <summary>The last steps, oldest first.</summary>
    public IReadOnlyCollection<LadderStep> Steps => steps;

    /// <summary>Steps down since the start, for lack of skill and of age.</summary>
    public long StepsDown { get; private set; }

    /// <summary>May this signal be used?</summary>
    public bool Trusts(SignalRung rung) => trusted[(int)rung];

    /// <summary>A VM's signal ended: the next step down is taken for that VM.</summary>
    public void Aged(long timeMs, string vm, SignalRung from, SignalRung to, string reason) => Add(new LadderStep(timeMs, vm, from, to, reason));

    /// <summary>
    /// Squared errors of the signals' speeds at a completion; NaN where a signal had nothing to say. Each signal is held against the best that
    /// the simpler ones said of the same call.
    /// </summary>
    public void Score(long timeMs, ReadOnlySpan<double> squared, double weight)
    {
        for (int rung = 0; rung < Rungs - 1; rung++)
        {
            int next = rung + 1;
            // The posterior stands on whatever is above it: what it is to be better than is knowing nothing.
            if (rung == (int)SignalRung.Feedback || double.IsNaN(squared[next]) || next == (int)SignalRung.Feedback) next = Rungs - 1;
            if (double.IsNaN(squared[rung]) || double.IsNaN(squared[next])) continue;
            Learn(timeMs, rung, squared[rung], squared[next], weight);
            Judge(timeMs, (SignalRung)rung);
        }
    }

    private void Learn(long timeMs, int rung, double squared, double squaredSimpler, double weight)
    {
        compared[rung] = (compared[rung] * Math.Exp(-Math.Max(0, timeMs - comparedMs[rung]) / FadeMs)) + weight;
        comparedMs[rung] = Math.Max(comparedMs[rung], timeMs);
        double share = weight / compared[rung];
        error[rung] += share * (squared - error[rung]);
        simpler[rung] += share * (squaredSimpler - simpler[rung]);
    }

    private void Judge(long timeMs, SignalRung rung)
    {
        int i = (int)rung;
        if (compared[i] < Least) return;
        if (trusted[i] && error[i] > (DownLead * simpler[i]) + DownMargin) Change(timeMs, rung, false);
        else if (!trusted[i] && error[i] <= simpler[i]) Change(timeMs, rung, true);
    }

    private void Change(long timeMs, SignalRung rung, bool trust)
    {
        trusted[(int)rung] = trust;
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"speeds of completed calls missed by {Math.Sqrt(error[(int)rung]):0.000} with it and by {Math.Sqrt(simpler[(int)rung]):0.000} with the next simpler signal");
        Add(trust ? new LadderStep(timeMs, "", rung + 1, rung, reason) : new LadderStep(timeMs, "", rung, rung + 1, reason));
    }

    private void Add(LadderStep step)
    {
        if (step.To > step.From) StepsDown++;
        if (steps.Count == StepsKept) steps.Dequeue();
        steps.Enqueue(step);
        Stepped?.Invoke(step);
    }
}
