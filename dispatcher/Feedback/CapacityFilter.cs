namespace Pipeline.Dispatcher.Feedback;

/// <summary>
/// What completions tell of the cores that a VM has for functions: a discrete Bayesian filter over candidate capacities. The prior is the
/// predicted distribution and a little of everything else; each completion weighs the candidates by how well they explain its speed. What was
/// learnt fades within minutes, and ends with the next prediction. Pure: the caller brings the time.
/// </summary>
public sealed class CapacityFilter
{
    /// <summary>A completion as short as this says more of timers than of the VM, seconds.</summary>
    private const double ShortestWallS = .02;

    /// <summary>Pace at which what was learnt fades, seconds.</summary>
    private const double FadeS = 60;

    /// <summary>A longer call tells of times long gone as well: it counts less, seconds.</summary>
    private const double FullWeightS = 30;

    /// <summary>One completion rules nothing out.</summary>
    private const double LeastLogLikelihood = -3;

    private const double SpeedDeviation = .12, LogWallVariance = .02, LeastSpeed = .05;

    private const double PredictedWeight = .95;

    private const int Predicted = 7, Candidates = 11;

    private readonly double[] capacity = new double[Candidates];
    private readonly double[] prior = new double[Candidates];
    private readonly double[] logLikelihood = new double[Candidates];
    private double learntAtS;

    /// <summary>Shares of all cores that are held possible whatever was predicted (3.9, 2, 1 and .2 of 4 cores), and their weights.</summary>
    private static ReadOnlySpan<double> OtherShares => [.975, .5, .25, .05];

    private static ReadOnlySpan<double> OtherWeights => [.02, .01, .01, .01];

    private static ReadOnlySpan<double> BelowWeights => [.25, .25, .2, .2, .05, .05];

    /// <summary>Starts anew from a prediction.</summary>
    /// <param name="timeS">Now.</param>
    /// <param name="cores">Provisioned cores.</param>
    /// <param name="q50">Predicted quantiles of the peak utilisation, 0..1, rising.</param>
    /// <param name="q90">At .9.</param>
    /// <param name="q95">At .95.</param>
    /// <param name="busy">Probability of being busy, 0..1.</param>
    public void Reset(double timeS, double cores, double q50, double q90, double q95, double busy)
    {
        ReadOnlySpan<double> used = [.97, .95 * q50, q50, q50 + (.25 * (q90 - q50)), q50 + (.75 * (q90 - q50)), (q90 + q95) / 2, q95];
        double left = 1 - Math.Clamp(busy, 0, 1);
        prior[0] = PredictedWeight * (1 - left);
        for (int i = 1; i < Predicted; i++)
        {
            double weight = Math.Min(BelowWeights[i - 1], left);
            prior[i] = PredictedWeight * weight;
            left -= weight;
        }
        for (int i = 0; i < Predicted; i++) capacity[i] = cores * Math.Clamp(1 - used[i], 0, 1);
        for (int i = Predicted; i < Candidates; i++) (capacity[i], prior[i]) = (cores * OtherShares[i - Predicted], OtherWeights[i - Predicted]);
        Array.Clear(logLikelihood);
        learntAtS = timeS;
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
            double z = ((cpuS / wallS) - Speed(i, inFlight)) / SpeedDeviation;
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
            double z = (Math.Log(wallS) - logMean + Math.Log(Speed(i, inFlight))) / Math.Sqrt((logDeviation * logDeviation) + LogWallVariance);
            Add(i, wallS, z);
        }
    }

    /// <summary>Cores expected to be there for functions.</summary>
    public double ExpectedCores()
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

    private double Speed(int candidate, double inFlight) => Math.Clamp(capacity[candidate] / inFlight, LeastSpeed, 1);

    private void Add(int candidate, double wallS, double z) =>
        logLikelihood[candidate] += Math.Min(1, FullWeightS / wallS) * Math.Max(LeastLogLikelihood, -.5 * z * z);

    private void Fade(double timeS)
    {
        double keep = Math.Exp(-Math.Max(0, timeS - learntAtS) / FadeS);
        for (int i = 0; i < Candidates; i++) logLikelihood[i] *= keep;
        learntAtS = Math.Max(learntAtS, timeS);
    }
}
