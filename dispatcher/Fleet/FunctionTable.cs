namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// The functions, a row each, in arrays, with running means of what their completions told. A mean starts at a prior that weighs as much as
/// <see cref="PriorWeight"/> completions and forgets at the pace of <see cref="Window"/>.
/// Row <see cref="Others"/> stands for all functions beyond the limit: they are served, and count as cold everywhere.
/// </summary>
public sealed class FunctionTable
{
    /// <summary>A large region's functions; 7 MB, and 60 MB of digests.</summary>
    public const int Limit = 100_000;

    public const int Others = 0;

    /// <summary>Service time of a function never seen: the median over 500 functions of Azure's 2019 trace of their mean duration.</summary>
    public const double PriorServiceS = .57;

    /// <summary>Cold start of a function never seen.</summary>
    public const double PriorColdStartS = .5;

    private const double PriorWeight = 1;

    /// <summary>A service time of nothing has no logarithm.</summary>
    private const double ShortestS = 1e-4;

    /// <summary>Completions after which older ones fade: a changed function is known within minutes at one call a second.</summary>
    private const double Window = 100;

    /// <summary>Fewer completions tell nothing of how much a function's service times differ.</summary>
    private const int LeastForDeviation = 5;

    /// <summary>Pace at which calls fade from the arrival rate: as long as containers are kept warm, seconds.</summary>
    private const double RateFadeS = 600;

    private readonly Dictionary<string, int> rows = new(StringComparer.Ordinal);
    private int[] completions = new int[16];
    private int[] coldStarts = new int[16];
    private double[] logMean = new double[16];
    private double[] logVariance = new double[16];
    private double[] rate = new double[16];
    private long[] rateMs = new long[16];

    public FunctionTable()
    {
        Add("");
    }

    public int Count { get; private set; }

    public string[] Name { get; private set; } = new string[16];

    /// <summary>Expected service time on an idle VM, warm, seconds.</summary>
    public double[] ServiceS { get; private set; } = new double[16];

    /// <summary>Expected cost of a cold start on an idle VM, seconds.</summary>
    public double[] ColdStartS { get; private set; } = new double[16];

    /// <summary>Expected CPU seconds of a warm call.</summary>
    public double[] CpuS { get; private set; } = new double[16];

    /// <summary>Memory that its newest call asked for, bytes.</summary>
    public long[] MemoryBytes { get; private set; } = new long[16];

    /// <summary>Mean of the log of the service time in seconds on an idle VM.</summary>
    public double LogMean(int function) => logMean[function];

    /// <summary>Its standard deviation; NaN before <see cref="LeastForDeviation"/> completions.</summary>
    public double LogDeviation(int function) => completions[function] < LeastForDeviation ? double.NaN : Math.Sqrt(logVariance[function]);

    /// <summary>A call arrived.</summary>
    public void Arrived(int function, long nowMs)
    {
        rate[function] = RatePerS(function, nowMs) + (1 / RateFadeS);
        rateMs[function] = nowMs;
    }

    /// <summary>Calls per second lately.</summary>
    public double RatePerS(int function, long nowMs) => rate[function] == 0 ? 0 : rate[function] * Math.Exp(-Math.Max(0, nowMs - rateMs[function]) / (1000 * RateFadeS));

    /// <summary>Service times on an idle VM, warm.</summary>
    public TimeDigests ServiceTimes { get; } = new();

    /// <summary>Cold starts on an idle VM.</summary>
    public TimeDigests ColdStartTimes { get; } = new();

    /// <summary>The service time that a share of the calls (0..1) does not exceed, seconds; the expected one before <see cref="LeastForDeviation"/> completions.</summary>
    public double ServiceQuantile(int function, double level) => ServiceTimes.Count(function) < LeastForDeviation ? ServiceS[function] : ServiceTimes.Quantile(function, level);

    /// <summary>The same of cold starts.</summary>
    public double ColdStartQuantile(int function, double level) => ColdStartTimes.Count(function) < LeastForDeviation ? ColdStartS[function] : ColdStartTimes.Quantile(function, level);

    /// <summary>Completions learnt from.</summary>
    public int Completions(int function) => completions[function];

    /// <summary>Cores that a call is expected to use while it runs, .05 to 1: its CPU seconds over its service time.</summary>
    public float CoresOf(int function) => (float)Math.Clamp(CpuS[function] / Math.Max(1e-6, ServiceS[function]), .05, 1);

    /// <summary>Row of a function, a new one if need be; 0 when there are too many.</summary>
    public int GetOrAdd(string name, FleetCounters counters)
    {
        if (rows.TryGetValue(name, out int function)) return function;
        if (Count <= Limit) return Add(name);
        counters.FunctionsOverLimit++;
        return Others;
    }

    /// <summary>
    /// A call succeeded. <paramref name="slowdown"/> is what was expected of the VM at its start: wall time is divided by it, so that means are
    /// those of an idle VM, and never below the CPU time.
    /// </summary>
    public void Learn(int function, double wallS, double coldStartS, double cpuS, double slowdown)
    {
        double warmS = Math.Max(0, wallS - coldStartS);
        double warmCpuS = wallS > 0 ? cpuS * warmS / wallS : 0;
        int n = completions[function]++;
        double serviceS = Math.Max(Math.Min(warmCpuS, warmS), warmS / slowdown);
        ServiceS[function] = Towards(ServiceS[function], serviceS, n);
        ServiceTimes.Add(function, serviceS);
        LearnLog(function, Math.Log(Math.Max(ShortestS, serviceS)), n);
        CpuS[function] = Towards(CpuS[function], warmCpuS, n);
        if (coldStartS <= 0) return;
        ColdStartTimes.Add(function, coldStartS / slowdown);
        ColdStartS[function] = Towards(ColdStartS[function], coldStartS / slowdown, coldStarts[function]++);
    }

    private void LearnLog(int function, double value, int n)
    {
        double miss = value - logMean[function], share = 1 / Math.Min(n + 1, Window);
        logMean[function] += share * miss;
        logVariance[function] = (1 - share) * (logVariance[function] + (share * miss * miss));
    }

    private static double Towards(double mean, double value, int n) => mean + ((value - mean) / Math.Min(n + 1 + PriorWeight, Window));

    private int Add(string name)
    {
        int function = Count++;
        if (function == Name.Length) Grow(function * 2);
        rows[name] = function;
        Name[function] = name;
        ServiceS[function] = PriorServiceS;
        ColdStartS[function] = PriorColdStartS;
        CpuS[function] = PriorServiceS;
        return function;
    }

    private void Grow(int size)
    {
        Name = Resized(Name, size);
        ServiceS = Resized(ServiceS, size);
        ColdStartS = Resized(ColdStartS, size);
        CpuS = Resized(CpuS, size);
        MemoryBytes = Resized(MemoryBytes, size);
        Array.Resize(ref completions, size);
        Array.Resize(ref coldStarts, size);
        Array.Resize(ref logMean, size);
        Array.Resize(ref logVariance, size);
        Array.Resize(ref rate, size);
        Array.Resize(ref rateMs, size);
    }

    private static T[] Resized<T>(T[] array, int size)
    {
        Array.Resize(ref array, size);
        return array;
    }
}
