namespace Pipeline.Schemas.Signing;

/// <summary>A key that reports of one VM are signed with.</summary>
public sealed class SigningKey
{
    /// <summary>HMAC-SHA256 gains nothing from more, and loses with fewer (RFC 2104, 3).</summary>
    public const int Bytes = 32;

    private readonly byte[] secret;

    public SigningKey(string id, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Bytes) throw new ArgumentException($"a key has {Bytes} bytes, not {secret.Length}", nameof(secret));
        Id = id;
        this.secret = secret.ToArray();
    }

    /// <summary>Name of the key, see agent.keys.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> Secret => secret;

    /// <summary>The key itself, to be kept where only its VM can read it.</summary>
    public byte[] Export() => [.. secret];

    /// <summary>Its name only: a key is never written into a log.</summary>
    public override string ToString() => Id;
}
