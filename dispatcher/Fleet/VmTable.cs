namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// The VMs, a row each, in arrays: rows are numbered in the order in which VMs were first heard of and stay. A name stands for one VM over all cells.
/// A VM is <em>live</em> when its cores are known, it is not silent and is not to be emptied; live VMs are kept in ordinal order of their names, so that
/// sampling them depends on the fleet alone and not on the order of arrival.
/// </summary>
public sealed class VmTable
{
    /// <summary>Two cells of the largest size (50,000 VMs); 25 MB.</summary>
    public const int Limit = 100_000;

    private const int CellLimit = 10_000;

    private readonly Dictionary<string, int> rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> cells = new(StringComparer.Ordinal);
    private readonly List<string> cellNames = [];
    private readonly List<long> cellNewestMs = [];
    private int[] live = new int[16];
    private bool[] isLive = new bool[16];
    private bool[] isDraining = new bool[16];
    private int[] cell = new int[16];
    private long[] lastSeenMs = new long[16];

    /// <summary>VMs ever heard of.</summary>
    public int Count { get; private set; }

    /// <summary>Row numbers of the live VMs, in ordinal order of their names.</summary>
    public ReadOnlySpan<int> Live => live.AsSpan(0, LiveCount);

    public int LiveCount { get; private set; }

    public string[] Name { get; private set; } = new string[16];

    /// <summary>Hash of the name, the same in every process.</summary>
    public ulong[] NameHash { get; private set; } = new ulong[16];

    /// <summary>Provisioned cores; 0: not known yet.</summary>
    public float[] Cores { get; private set; } = new float[16];

    /// <summary>Memory in bytes; 0 where it is not published: such a VM gets no calls.</summary>
    public long[] MemoryBytes { get; private set; } = new long[16];

    /// <summary>Calls dispatched and not completed.</summary>
    public int[] InFlight { get; private set; } = new int[16];

    /// <summary>Memory of the calls in flight, bytes.</summary>
    public long[] CommittedBytes { get; private set; } = new long[16];

    public uint[] Community { get; private set; } = new uint[16];

    /// <summary>Cell of a VM; empty when it is not known.</summary>
    public string CellOf(int vm) => cellNames[cell[vm]];

    public bool IsLive(int vm) => isLive[vm];

    /// <summary>VMs that are to be emptied: they get no calls, and what runs there ends as it would.</summary>
    public int DrainingCount { get; private set; }

    /// <summary>Whether calls in flight there have broken off: its cores are known, and it is gone or silent against its cell's newest prediction.</summary>
    public bool IsLost(int vm, long timeoutMs) =>
        Cores[vm] > 0 && !isLive[vm] && (!isDraining[vm] || (cellNewestMs[cell[vm]] != long.MinValue && lastSeenMs[vm] < cellNewestMs[cell[vm]] - timeoutMs));

    /// <summary>Last report or completion, event time; <see cref="long.MinValue"/>: none.</summary>
    public long LastSeenMs(int vm) => lastSeenMs[vm];

    /// <summary>Memory that calls in flight leave free: idle containers give way.</summary>
    public long FreeBytes(int vm) => MemoryBytes[vm] - CommittedBytes[vm];

    public bool Fits(int vm, long bytes) => FreeBytes(vm) >= bytes;

    /// <summary>Row of a VM; -1 when it was never heard of.</summary>
    public int Find(string name) => rows.GetValueOrDefault(name, -1);

    /// <summary>Row of a VM, a new one if need be; -1 when there are too many.</summary>
    public int GetOrAdd(string name)
    {
        if (rows.TryGetValue(name, out int vm)) return vm;
        if (Count == Limit) return -1;
        vm = Count++;
        if (vm == Name.Length) Grow(vm * 2);
        rows[name] = vm;
        Name[vm] = name;
        NameHash[vm] = Infra.Randomness.NameHash.Of(name);
        cell[vm] = CellIndex("");
        lastSeenMs[vm] = long.MinValue;
        return vm;
    }

    /// <summary>A prediction told this of a VM.</summary>
    public void Describe(int vm, string cellName, float cores, long memoryBytes)
    {
        cell[vm] = CellIndex(cellName);
        Cores[vm] = cores;
        MemoryBytes[vm] = memoryBytes;
    }

    /// <summary>The VM gave a sign of life at this time.</summary>
    public void See(int vm, long timeMs)
    {
        lastSeenMs[vm] = Math.Max(lastSeenMs[vm], timeMs);
        if (Cores[vm] > 0 && !isLive[vm] && !isDraining[vm]) Enter(vm);
    }

    /// <summary>
    /// A cell was predicted as of this time: its VMs not seen for <paramref name="timeoutMs"/> before it are no longer live.
    /// Silence is measured against predictions and not against the clock: a predictor that stops takes no VM away.
    /// </summary>
    public void CellPredicted(string cellName, long timeMs, long timeoutMs)
    {
        int index = CellIndex(cellName);
        if (timeMs <= cellNewestMs[index]) return;
        cellNewestMs[index] = timeMs;
        int kept = 0;
        for (int i = 0; i < LiveCount; i++)
        {
            int vm = live[i];
            isLive[vm] = cell[vm] != index || timeMs - lastSeenMs[vm] <= timeoutMs;
            if (isLive[vm]) live[kept++] = vm;
        }
        LiveCount = kept;
    }

    /// <summary>The VM is to be emptied, or no longer: then it is live until its cell's next prediction says that it is silent.</summary>
    public void Drain(int vm, bool draining)
    {
        if (isDraining[vm] == draining) return;
        isDraining[vm] = draining;
        DrainingCount += draining ? 1 : -1;
        if (draining) Leave(vm);
        else if (Cores[vm] > 0 && lastSeenMs[vm] != long.MinValue) Enter(vm);
    }

    /// <summary>The VM is not live until it gives a sign of life again.</summary>
    public void Leave(int vm)
    {
        if (!isLive[vm]) return;
        int at = Array.IndexOf(live, vm, 0, LiveCount);
        Array.Copy(live, at + 1, live, at, LiveCount - at - 1);
        LiveCount--;
        isLive[vm] = false;
    }

    private void Enter(int vm)
    {
        int low = 0, high = LiveCount;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(Name[live[middle]], Name[vm]) < 0) low = middle + 1;
            else high = middle;
        }
        if (LiveCount == live.Length) Array.Resize(ref live, LiveCount * 2);
        Array.Copy(live, low, live, low + 1, LiveCount - low);
        live[low] = vm;
        LiveCount++;
        isLive[vm] = true;
    }

    private int CellIndex(string name)
    {
        if (cells.TryGetValue(name, out int index)) return index;
        // Cells beyond the limit are taken for one: their VMs are then told apart as live or silent together.
        if (cellNames.Count == CellLimit) return 0;
        cells[name] = index = cellNames.Count;
        cellNames.Add(name);
        cellNewestMs.Add(long.MinValue);
        return index;
    }

    private void Grow(int size)
    {
        Name = Resized(Name, size);
        NameHash = Resized(NameHash, size);
        Cores = Resized(Cores, size);
        MemoryBytes = Resized(MemoryBytes, size);
        InFlight = Resized(InFlight, size);
        CommittedBytes = Resized(CommittedBytes, size);
        Community = Resized(Community, size);
        Array.Resize(ref isLive, size);
        Array.Resize(ref isDraining, size);
        Array.Resize(ref cell, size);
        Array.Resize(ref lastSeenMs, size);
    }

    private static T[] Resized<T>(T[] array, int size)
    {
        Array.Resize(ref array, size);
        return array;
    }
}
