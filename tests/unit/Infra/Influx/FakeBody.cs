namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>An answer's body that comes in pieces, and then ends, breaks off, or never ends.</summary>
internal sealed class FakeBody(byte[] bytes, BodyEnd end, params int[] pieces) : Stream
{
    private int at;
    private int piece;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, bytes.Length - at);
        if (pieces.Length > 0) length = Math.Min(length, pieces[piece++ % pieces.Length]);
        if (at == bytes.Length && end == BodyEnd.BreaksOff) throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely");
        bytes.AsSpan(at, length).CopyTo(buffer);
        at += length;
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (at < bytes.Length || end != BodyEnd.Stalls) return ValueTask.FromResult(Read(buffer.Span));
        TaskCompletionSource<int> never = new();
        cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return new ValueTask<int>(never.Task);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
