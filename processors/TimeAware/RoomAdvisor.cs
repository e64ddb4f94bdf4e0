using System.Globalization;

namespace Pipeline.Processors.TimeAware;

/// <summary>What is looked for.</summary>
/// <param name="Cores">Cores that have to be free all the time.</param>
/// <param name="MemoryBytes">Memory likewise; 0: any.</param>
/// <param name="For">How long.</param>
/// <param name="Within">From now; start and end lie in it.</param>
/// <param name="Confidence">Probability with which the room is there.</param>
public sealed record RoomRequest(double Cores, double MemoryBytes, TimeSpan For, TimeSpan Within, double Confidence);

/// <summary>A place and a time.</summary>
/// <param name="Place">Name of a community, a cell or the fleet.</param>
/// <param name="StartUnixMs">When to start.</param>
/// <param name="ExpectedCores">Free cores expected in the tightest slot.</param>
/// <param name="GuaranteedCores">Cores that stay free in every step with the confidence asked for; null: too little is known.</param>
/// <param name="ExpectedMemoryBytes">Likewise memory; null: not measured.</param>
/// <param name="GuaranteedMemoryBytes">Likewise.</param>
/// <param name="Enough">Whether the guaranteed room is what was asked for.</param>
/// <param name="Why">In words.</param>
public sealed record RoomOffer(string Place, long StartUnixMs, double ExpectedCores, double? GuaranteedCores, double? ExpectedMemoryBytes, double? GuaranteedMemoryBytes, bool Enough, string Why);

/// <summary>
/// When and where there is room. The guarantee over several slots gives each its part of the risk (Bonferroni), so it holds however slots
/// hang together, and is on the safe side.
/// </summary>
public static class RoomAdvisor
{
    /// <summary>Offers of one place at most.</summary>
    private const int OffersOfPlace = 2;

    /// <summary>The best offers, best first: those that are enough, by what is left over; then the others, by how near they come.</summary>
    /// <param name="places">Where.</param>
    /// <param name="clock">Slots.</param>
    /// <param name="nowUnixMs">Nothing starts before.</param>
    /// <param name="request">What for.</param>
    /// <param name="count">Offers at most.</param>
    public static IReadOnlyList<RoomOffer> Find(IEnumerable<GroupOutlook> places, SlotClock clock, long nowUnixMs, RoomRequest request, int count = 5)
    {
        List<(double Rank, RoomOffer Offer)> all = [];
        foreach (GroupOutlook place in places)
        {
            if (place.Vms == 0 || place.Cpu.Now == long.MinValue) continue;
            List<(double Rank, RoomOffer Offer)> here = [];
            for (int ahead = 1; ahead <= place.Cpu.Horizon; ahead++)
            {
                long start = clock.StartUnixMs(place.Cpu.Now + ahead), end = start + (long)request.For.TotalMilliseconds;
                if (start < nowUnixMs) continue;
                if (end > nowUnixMs + (long)request.Within.TotalMilliseconds) break;
                int slots = (int)Math.Ceiling(request.For.TotalMilliseconds / clock.SlotMs);
                if (ahead + slots - 1 > place.Cpu.Horizon) break;
                if (Offer(place, clock, ahead, slots, start, request) is { } offer) here.Add((Rank(offer, request), offer));
            }
            if (here.Count == 0) continue;
            // Starts whose room is alike are equally good, and the earliest is taken: of it is known most.
            double alike = here.Max(o => o.Rank) - (ProfileOptions.Default.Alike * place.Cores / request.Cores);
            all.AddRange(here.OrderByDescending(o => o.Offer.Enough).ThenByDescending(o => Math.Min(o.Rank, alike)).ThenBy(o => o.Offer.StartUnixMs).Take(OffersOfPlace));
        }
        return [.. all.OrderByDescending(o => o.Offer.Enough).ThenByDescending(o => o.Rank).ThenBy(o => o.Offer.StartUnixMs).ThenBy(o => o.Offer.Place, StringComparer.Ordinal).Take(count).Select(o => o.Offer)];
    }

    private static RoomOffer? Offer(GroupOutlook place, SlotClock clock, int ahead, int slots, long start, RoomRequest request)
    {
        double risk = (1 - request.Confidence) / slots;
        (double expected, double? guaranteed) = Least(place.Cpu, place.Cores, ahead, slots, risk);
        if (double.IsNaN(expected)) return null;
        (double expectedMemory, double? guaranteedMemory) = Least(place.Memory, place.MemoryBytes, ahead, slots, risk);
        bool enough = guaranteed >= request.Cores && (request.MemoryBytes == 0 || guaranteedMemory >= request.MemoryBytes);
        return new RoomOffer(place.Name, start, expected, guaranteed, double.IsNaN(expectedMemory) ? null : expectedMemory, guaranteedMemory, enough, Why(place, clock, ahead, slots, request, guaranteedMemory));
    }

    private static (double Expected, double? Guaranteed) Least(Outlook outlook, double capacity, int ahead, int slots, double risk)
    {
        (double expected, double guaranteed) = (capacity, capacity);
        for (int a = ahead; a < ahead + slots; a++)
        {
            expected = Math.Min(expected, capacity * (1 - outlook.At(a).Share));
            guaranteed = Math.Min(guaranteed, capacity * (1 - outlook.PeakAt(a, 1 - risk)));
        }
        return (expected, double.IsNaN(guaranteed) ? null : guaranteed);
    }

    private static double Rank(RoomOffer offer, RoomRequest request)
    {
        double cores = (offer.GuaranteedCores ?? 0) / request.Cores;
        return request.MemoryBytes == 0 ? cores : Math.Min(cores, (offer.GuaranteedMemoryBytes ?? 0) / request.MemoryBytes);
    }

    private static string Why(GroupOutlook place, SlotClock clock, int ahead, int slots, RoomRequest request, double? memory)
    {
        int tightest = Enumerable.Range(ahead, slots).MaxBy(a => place.Cpu.At(a).Share);
        long slot = place.Cpu.Now + tightest;
        ProfileValue usual = place.Cpu.Profile.At(slot);
        Forecaster forecaster = place.Cpu.Forecaster;
        double now = forecaster.Deviation * 100, left = forecaster.Left(tightest) * 100;
        List<string> words =
        [
            string.Create(CultureInfo.InvariantCulture, $"{place.Vms} VMs have {place.Cores:0.#} cores, of which {(1 - usual.Mean) * 100:0.0} % are usually free in the tightest slot, from {clock.Describe(clock.StartUnixMs(slot))} ({usual.Samples:0.0} weeks' worth of that hour seen)"),
            Math.Abs(now) < .05 ? "the load is as usual now" : string.Create(CultureInfo.InvariantCulture, $"the load is {Math.Abs(now):0.0} points {(now > 0 ? "above" : "below")} usual now, of which {Math.Abs(left):0.0} are expected to be left"),
            string.Create(CultureInfo.InvariantCulture, $"the guarantee takes off what forecasts {tightest * clock.SlotMinutes / 60.0:0.##} h ahead were wrong by, steps in between counted, but for {(1 - request.Confidence) * 100:0.###} % of times"),
        ];
        if (request.MemoryBytes > 0 && memory is null) words.Add("memory is not measured here, or too little is known of it, so none is guaranteed");
        return string.Join("; ", words);
    }
}
