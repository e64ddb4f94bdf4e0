using Pipeline.Processors.Patterns;

namespace Pipeline.Tests.Unit.Processors.Patterns;

/// <summary>A made-up series of utilisation of a known kind.</summary>
/// <param name="Cpu">Values 0..1, NaN missing.</param>
/// <param name="Kind">What it was made as.</param>
/// <param name="Period">Steps, 0 where there is none.</param>
/// <param name="Shifts">Steps at which a new level begins.</param>
internal sealed record PlantedSeries(float[] Cpu, SeriesKind Kind, double Period, int[] Shifts)
{
    /// <summary>Share of steps that are missing, one by one; a series in four misses an hour in one piece as well.</summary>
    private const double Missing = .02;

    private const int CyclesBesideLevels = 7;

    /// <summary>Steps of 5 minutes: half an hour to a day, whole numbers and others.</summary>
    private static readonly double[] Periods = [12, 144, 288, 6, 36, 72, 96, 13.7, 37.3, 50.71, 101.4, 200.6];

    public static PlantedSeries Make(SeriesKind kind, int length, Random random) => kind switch
    {
        SeriesKind.Idle => Finish(Idle(length, random), kind, 0, random),
        SeriesKind.Steady => Finish(Noise(length, Between(random, .08, .9), Between(random, .003, .02), Between(random, 0, .8), random), kind, 0, random),
        SeriesKind.Periodic => Periodic(length, random),
        SeriesKind.Bursty => Finish(Bursty(length, random), kind, 0, random),
        SeriesKind.Trending => Finish(Trending(length, random), kind, 0, random),
        SeriesKind.Irregular => Finish(Noise(length, Between(random, .35, .65), Between(random, .08, .15), Between(random, .5, .97), random), kind, 0, random),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>First-order autoregressive noise around a level.</summary>
    public static double[] Noise(int length, double level, double spread, double memory, Random random)
    {
        double[] x = new double[length];
        double state = Gauss(random);
        for (int t = 0; t < length; t++)
        {
            if (t > 0) state = (memory * state) + (Math.Sqrt(1 - (memory * memory)) * Gauss(random));
            x[t] = level + (spread * state);
        }
        return x;
    }

    /// <summary>
    /// A level that changes once to three times, by 2.5 to 6 spreads of the noise and .08 at least, for six hours or longer; with a rhythm, if
    /// wanted, of seven cycles or more of 8 to 24 % from trough to crest: with three cycles and as many levels nobody could tell them apart.
    /// </summary>
    public static PlantedSeries Shifted(int length, bool periodic, Random random)
    {
        double spread = Between(random, .01, .05), memory = Between(random, 0, .8);
        double[] x = Noise(length, 0, spread, memory, random);
        int count = random.Next(1, 4), room = length / (count + 1);
        int[] shifts = [.. Enumerable.Range(1, count).Select(i => (i * room) + random.Next(-(room - 72) / 2, ((room - 72) / 2) + 1))];
        double level = Between(random, .2, .5);
        double[] fitting = [.. Periods.Where(p => p * CyclesBesideLevels <= length)];
        double period = fitting[random.Next(fitting.Length)], amplitude = periodic ? Between(random, .04, .12) : 0;
        int next = 0;
        for (int t = 0; t < length; t++)
        {
            if (next < count && t == shifts[next])
            {
                double size = Math.Max(.08, Between(random, 2.5, 6) * spread);
                level += level > .5 ? -size : level < .25 ? size : size * (random.Next(2) * 2 - 1);
                next++;
            }
            x[t] += level + (amplitude * Math.Sin(2 * Math.PI * t / period));
        }
        return Finish(x, SeriesKind.Unknown, periodic ? period : 0, random) with { Shifts = shifts };
    }

    private static double[] Idle(int length, Random random)
    {
        double level = Between(random, .001, .015);
        return [.. Enumerable.Range(0, length).Select(_ => level * (1 + (.4 * Gauss(random))) + (random.NextDouble() < .01 ? Between(random, 0, .02) : 0))];
    }

    private static PlantedSeries Periodic(int length, Random random)
    {
        double period = Periods[random.Next(Periods.Length)];
        // Noise of up to .7 of the rhythm's own spread, some of it slow.
        double amplitude = Between(random, .15, .5), phase = random.NextDouble(), level = Between(random, .1, .3);
        int shape = period < 10 ? 0 : random.Next(4);
        double width = Between(random, .15, .5);
        double[] wave = [.. Enumerable.Range(0, length).Select(t => amplitude * Shape(shape, ((t / period) + phase) % 1, width))];
        double own = Math.Sqrt(wave.Select(w => w * w).Average() - (wave.Average() * wave.Average()));
        double[] x = Noise(length, level, own * Between(random, .1, .7), Between(random, 0, .7), random);
        for (int t = 0; t < length; t++) x[t] += wave[t];
        return Finish(x, SeriesKind.Periodic, period, random);
    }

    /// <summary>Sine, busy hours, a job that ramps up and ends, two unlike peaks per cycle.</summary>
    private static double Shape(int shape, double phase, double width) => shape switch
    {
        0 => (1 + Math.Sin(2 * Math.PI * phase)) / 2,
        1 => phase < width ? 1 : 0,
        2 => phase < width ? phase / width : 0,
        _ => Math.Exp(-Math.Pow((phase - .3) / .08, 2)) + (.5 * Math.Exp(-Math.Pow((phase - .7) / .08, 2))),
    };

    /// <summary>Bursts of up to an hour at random times, ten or so at least.</summary>
    private static double[] Bursty(int length, Random random)
    {
        double level = Between(random, .03, .2), spread = Between(random, .003, .02), height = Between(random, .25, .7), share = Between(random, .01, .12);
        int longest = random.Next(1, 13);
        double[] x = Noise(length, level, spread, Between(random, 0, .7), random);
        double every = (longest + 1) / 2.0 / share;
        every = Math.Min(every, length / 10.0);
        for (double t = -Math.Log(1 - random.NextDouble()) * every; t < length; t += Math.Max(longest + 3, -Math.Log(1 - random.NextDouble()) * every))
        {
            double own = height * Between(random, .6, 1);
            for (int i = (int)t, end = (int)t + random.Next(1, longest + 1); i < Math.Min(length, end); i++) x[i] += own * Between(random, .85, 1);
        }
        return x;
    }

    private static double[] Trending(int length, Random random)
    {
        double swept = Between(random, .15, .6) * (random.Next(2) * 2 - 1), spread = Math.Abs(swept) * Between(random, .02, .18);
        double[] x = Noise(length, swept > 0 ? .1 : .8, spread, Between(random, 0, .7), random);
        for (int t = 0; t < length; t++) x[t] += swept * t / length;
        return x;
    }

    private static PlantedSeries Finish(double[] x, SeriesKind kind, double period, Random random)
    {
        float[] cpu = [.. x.Select(v => random.NextDouble() < Missing ? float.NaN : (float)Math.Clamp(v, 0, 1))];
        if (random.Next(4) == 0 && cpu.Length > 48) cpu.AsSpan(random.Next(cpu.Length - 12), 12).Fill(float.NaN);
        return new PlantedSeries(cpu, kind, period, []);
    }

    public static double Between(Random random, double from, double to) => from + ((to - from) * random.NextDouble());

    public static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
