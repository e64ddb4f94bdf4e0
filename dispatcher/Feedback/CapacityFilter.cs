using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Feedback;

/// <summary>
/// What completions tell of the cores that a VM has for functions: a discrete Bayesian filter over candidate capacities. The prior is the
/// predicted distribution and a little of everything else; each completion weighs the candidates by how well they explain its speed. What was
/// learnt fades within minutes, and ends with the next prediction. Pure: the caller brings the time.
/// </summary>
public sealed class CapacityFilter
{
    /// <summary>A completion as short as this says more of timers than of the VM, seconds.</summary>
    public const double ShortestWallS = .02;

    /// <summary>What a call on an overloaded VM still gets, cores.</summary>
    public const double LeastSpeed = .05;

    /// <summary>Pace at which what was learnt fades, seconds.</summary>
    private const double FadeS = 60;

    /// <summary>A longer call tells of times long gone as well: it counts less, seconds.</summary>
    private const double FullWeightS = 30;

    /// <summary>One completion rules nothing out.</summary>
    private const double LeastLogLikelihood = -3;

    private const double SpeedDeviation = .12, LogWallVariance = .02;

    private const double PredictedWeight = .95;

    private const int Candidates = ExpectedFree.Atoms + 4;

    private readonly double[] capacity = new double[Candidates];
    private readonly double[] prior = new double[Candidates];
    private readonly double[] logLikelihood = new double[Candidates];
    private double learntAtS;
    private double expected;

    /// <summary>Shares of all cores that are held possible whatever was predicted (3.9, 2, 1 and .2 of 4 cores), and their weights.</summary>
    private static ReadOnlySpan<double> OtherShares => [.975, .5, .25, .05];

    private static ReadOnlySpan<double> OtherWeights => [.02, .01, .01, .01];

    /// <summary>Free shares held possible where nothing was predicted, and their weights: most VMs are idle most of the time.</summary>
    private static ReadOnlySpan<double> UnknownShares => [1, .95, .9, .8, .65, .5, .35, .25, .15, .08, .03];

    private static ReadOnlySpan<double> UnknownWeights => [.3, .25, .15, .08, .05, .04, .03, .03, .02, .02, .03];

    /// <summary>A likelihood weighs so much of what it would for a call of half a minute and less.</summary>
    public static double WeightOf(double wallS) => Math.Min(1, FullWeightS / wallS);

    /// <summary>Speed of each of so many calls on so many cores: cores per call, one at most.</summary>
    public static double Speed(double cores, double inFlight) => Math.Clamp(cores / inFlight, LeastSpeed, 1);

    /// <summary>Starts anew from a prediction.</summary>
    /// <param name="timeS">Now.</param>
    /// <param name="cores">Provisioned cores.</param>
    /// <param name="forecast">Of the peak utilisation.</param>
    public void Reset(double timeS, double cores, in PeakForecast forecast)
    {
        Span<double> used = stackalloc double[ExpectedFree.Atoms];
        ExpectedFree.Distribution(forecast, used, prior);
        for (int i = 0; i < ExpectedFree.Atoms; i++) (capacity[i], prior[i]) = (cores * Math.Clamp(1 - used[i], 0, 1), PredictedWeight * prior[i]);
        for (int i = ExpectedFree.Atoms; i < Candidates; i++) (capacity[i], prior[i]) = (cores * OtherShares[i - ExpectedFree.Atoms], OtherWeights[i - ExpectedFree.Atoms]);
        Begin(timeS);
    }

    /// <summary>Starts anew with nothing predicted: completions alone will tell.</summary>
    public void Reset(double timeS, double cores)
    {
        for (int i = 0; i < Candidates; i++) (capacity[i], prior[i]) = (cores * UnknownShares[i], UnknownWeights[i]);
        Begin(timeS);
    }

    /// <summary>A call completed, and its CPU time is known.</summary>
    /// <param name="timeS">Now.</param>
    /// <param name="wallS">From start to end.</param>
    /// <param name="cpuS">CPU used.</param>
    /// <param name="inFlight">Mean of the calls in flight at its start and at its end, itself included.</param>
    public void Learn(double timeS, double wallS, double cpuS, double inFlight)
    {
        if (!(wallS > ShortestWallS)) return;
        Fade(timeS);
        for (int i = 0; i < Candidates; i++)
        {
            double z = ((cpuS / wallS) - Speed(capacity[i], inFlight)) / SpeedDeviation;
            Add(i, wallS, z);
        }
    }

    /// <summary>A call completed whose CPU time is not known: told from its function's usual time.</summary>
    /// <param name="timeS">Now.</param>
    /// <param name="wallS">From start to end.</param>
    /// <param name="logMean">Mean of the log of the function's service time in seconds on an idle VM.</param>
    /// <param name="logDeviation">Its standard deviation.</param>
    /// <param name="inFlight">As in <see cref="Learn"/>.</param>
    public void LearnFromWallTime(double timeS, double wallS, double logMean, double logDeviation, double inFlight)
    {
        if (!(wallS > ShortestWallS)) return;
        Fade(timeS);
        for (int i = 0; i < Candidates; i++)
        {
            double z = (Math.Log(wallS) - logMean + Math.Log(Speed(capacity[i], inFlight))) / Math.Sqrt((logDeviation * logDeviation) + LogWallVariance);
            Add(i, wallS, z);
        }
    }

    /// <summary>Cores expected to be there for functions.</summary>
    public double ExpectedCores()
    {
        if (double.IsNaN(expected)) expected = Expect();
        return expected;
    }

    private double Expect()
    {
        double sum = 0, weights = 0;
        for (int i = 0; i < Candidates; i++)
        {
            double weight = prior[i] * Math.Exp(logLikelihood[i]);
            sum += weight * capacity[i];
            weights += weight;
        }
        return weights > 0 ? sum / weights : 0;
    }

    private void Begin(double timeS)
    {
        Array.Clear(logLikelihood);
        learntAtS = timeS;
        expected = double.NaN;
    }

    private void Add(int candidate, double wallS, double z) => logLikelihood[candidate] += WeightOf(wallS) * Math.Max(LeastLogLikelihood, -.5 * z * z);

    private void Fade(double timeS)
    {
        double keep = Math.Exp(-Math.Max(0, timeS - learntAtS) / FadeS);
        for (int i = 0; i < Candidates; i++) logLikelihood[i] *= keep;
        learntAtS = Math.Max(learntAtS, timeS);
        expected = double.NaN;
    }
}
