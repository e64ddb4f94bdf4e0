namespace Pipeline.Predictor.Training;

/// <summary>Deals out all samples in random order, then again in another.</summary>
internal sealed class SampleOrder
{
    private readonly int[] _order;
    private readonly Random _random;
    private int _next;

    public SampleOrder(int count, int seed)
    {
        _order = [.. Enumerable.Range(0, count)];
        _random = new Random(seed);
        _next = count;
    }

    public int Next()
    {
        if (_next == _order.Length)
        {
            _random.Shuffle(_order);
            _next = 0;
        }
        return _order[_next++];
    }
}
